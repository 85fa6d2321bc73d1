public import Adapters
public import LTXModel
import LoRATools
import Torch

/// Measures what an adapter's layers read, for merges with adapters that are not known yet.
///
/// Some passes over the run's own clips and captions, with the adapter active, at noise levels drawn as in
/// training; nothing is trained.
public struct AdapterStatistics {
    /// Passes that are looked at.
    public static let passCount = 16
    /// Rows that stand for the inputs of a layer.
    public static let rowCount = StatisticsCollector.rowCount

    private let transformer: Transformer
    private let network: AdapterNetwork
    private let noise: FlowMatching
    private let prompts: PromptPass
    private let batches: [TrainingBatch]

    /// For one run.
    ///
    /// - Parameters:
    ///   - transformer: the model.
    ///   - network: the adapters on it.
    ///   - noise: of the run.
    ///   - prompts: where the connectors are trained.
    ///   - batches: clips that were trained on; they take turns.
    public init(
        transformer: Transformer,
        network: AdapterNetwork,
        noise: FlowMatching,
        prompts: PromptPass = .fixed,
        batches: [TrainingBatch]
    ) {
        (self.transformer, self.network, self.noise) = (transformer, network, noise)
        (self.prompts, self.batches) = (prompts, batches)
    }

    /// Measures, and writes a file for the adapter's file.
    ///
    /// - Returns: false if it was cancelled; then nothing is written.
    func write(
        to path: String,
        adapter: String,
        isCancelled: () -> Bool = { false }
    ) throws -> Bool {
        let collector = StatisticsCollector(network.members.map(\.layer))
        network.prepareStep(random: nil)
        for pass in 0..<Self.passCount where !batches.isEmpty {
            guard !isCancelled() else { return false }
            try collector.watching {
                try look(batches[pass % batches.count], pass)
            }
        }
        try collector.write(to: path, adapter: adapter)
        return true
    }

    private func look(_ batch: TrainingBatch, _ pass: Int) throws {
        try withTorchErrors {
            try withoutGradients {
                // No step of a run and no measuring has this number: their noise is not repeated.
                let place = FlowMatching.Place(step: -2, part: pass)
                _ = transformer(try noise.noisy(prompts.current(batch), at: place).input)
            }
        }
    }
}
