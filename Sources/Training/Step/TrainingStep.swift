public import Adapters
public import LTXModel
import Torch

/// One optimizer step: draw noise, predict, compare, go back through the blocks, change the adapters.
public final class TrainingStep {
    let network: AdapterNetwork
    private let optimizer: any Optimizer
    let noise: FlowMatching
    let options: StepOptions
    let passes: LessonPasses
    let prompts: PromptPass
    let transformer: Transformer
    let parameters: [Tensor]
    private let writesAudio: [Bool]
    /// Further passes in which the frozen base model is the teacher.
    public var preservations: [any Preservation] = []
    /// What the balance of the losses remembers.
    public var audioWeight = AudioWeight()
    /// What was there to learn the sound from, over the run.
    public var supervision = AudioSupervision()

    /// What one step leaves for the next beside the adapters and the optimizer.
    var memory: (weight: AudioWeight, supervision: AudioSupervision) {
        get { (audioWeight, supervision) }
        set { (audioWeight, supervision) = newValue }
    }

    /// Prepares the steps of a run; `prompts` where the connectors are trained.
    public init(
        transformer: Transformer,
        network: AdapterNetwork,
        optimizer: any Optimizer,
        noise: FlowMatching,
        options: StepOptions,
        prompts: PromptPass = .fixed
    ) {
        self.prompts = prompts
        self.transformer = transformer
        self.network = network
        self.optimizer = optimizer
        self.noise = noise
        self.options = options
        parameters = network.parameters
        writesAudio = network.pathways.map(\.writesAudio)
        passes = LessonPasses(transformer, network, checkpointing: options.checkpointing)
    }

    /// Runs the step that follows `done` finished ones.
    ///
    /// A loss or gradient that is not finite changes nothing and is reported as `skipped`.
    ///
    /// - Throws: `TorchError` if the gradients cannot be computed; nothing is changed then, and the step can be
    ///   run again. `TrainingError.optimizerFailed` if they cannot be applied: parameters may be half changed.
    public func run(_ batches: [TrainingBatch], after done: Int) throws -> StepReport {
        let remembered = memory
        do {
            var report = StepReport()
            report.step = done + 1
            report.epoch = batches.first?.epoch ?? 0
            report.clips = batches.flatMap { $0.items.map(\.name) }
            // Code goes on after a failure; the end of the scope keeps it away from the parameters.
            let gradients = try withTorchErrors { try collect(batches, done: done, &report) }
            try apply(gradients, report)
            if report.skipped != nil { audioWeight = remembered.weight }
            return report
        } catch {
            memory = remembered
            throw error
        }
    }

    private func collect(
        _ batches: [TrainingBatch],
        done: Int,
        _ report: inout StepReport
    ) throws -> [Tensor?] {
        let sums = GradientSums(count: parameters.count)
        var losses = StepLosses()
        for (part, batch) in batches.enumerated() {
            let place = FlowMatching.Place(step: done, part: part)
            try train(on: batch, at: place, into: sums, &losses)
            supervision.count(batch)
        }
        losses.report(into: &report)
        report.audioWeight = audioWeight.factor(options.balance)
        report.supervisedRatio = supervision.ratio
        describe(sums.values, done: done, &report)
        return sums.values
    }

    // MARK: - The optimizer

    /// Norms, rates, and whether something is not finite.
    private func describe(_ gradients: [Tensor?], done: Int, _ report: inout StepReport) {
        report.videoGradientNorm = norm(gradients, audio: false)
        report.audioGradientNorm = norm(gradients, audio: true)
        let squares =
            report.videoGradientNorm * report.videoGradientNorm
            + report.audioGradientNorm * report.audioGradientNorm
        report.gradientNorm = squares.squareRoot()
        let factor = options.schedule.factor(after: done)
        report.rate = options.rate * factor
        report.audioRate = (options.audioRate ?? options.rate) * factor
        if !report.isFinite { report.skipped = "a loss or gradient is not a finite number" }
    }

    /// Clips and applies the gradients, unless the step is skipped.
    private func apply(_ gradients: [Tensor?], _ report: StepReport) throws {
        guard report.skipped == nil else { return }
        let rates = writesAudio.map { $0 ? report.audioRate : report.rate }
        do {
            try withTorchErrors {
                clip(gradients, report.gradientNorm)
                withoutGradients {
                    optimizer.step(parameters: parameters, gradients: gradients, rates: rates)
                }
            }
        } catch let error as TorchError {
            throw TrainingError.optimizerFailed(step: report.step, reason: "\(error)")
        }
    }

    private func norm(_ gradients: [Tensor?], audio: Bool) -> Double {
        let own = gradients.indices.compactMap { writesAudio[$0] == audio ? gradients[$0] : nil }
        return own.isEmpty ? 0 : Tensor.totalNorm(own).item()
    }

    private func clip(_ gradients: [Tensor?], _ norm: Double) {
        guard options.maxGradientNorm > 0, norm > options.maxGradientNorm else { return }
        // The small number is torch's, so that clipped runs agree with it.
        let factor = options.maxGradientNorm / (norm + 1e-6)
        for gradient in gradients { gradient?.scale(by: factor) }
    }
}

extension StepReport {
    /// Whether all that decides about the step is a finite number.
    fileprivate var isFinite: Bool {
        videoLoss.isFinite && audioLoss?.isFinite != false && gradientNorm.isFinite
            && preservation.values.allSatisfy(\.isFinite)
    }
}
