import Adapters
public import LTXModel
import Torch

/// One optimizer step: draw noise, predict, compare, go back through the blocks, change what is trained.
public final class TrainingStep {
    let network: any TrainedNetwork
    let optimizer: any Optimizer
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

    /// What one step leaves for the next beside the parameters and the optimizer.
    var memory: (weight: AudioWeight, supervision: AudioSupervision) {
        get { (audioWeight, supervision) }
        set { (audioWeight, supervision) = newValue }
    }

    /// Prepares the steps of a run; `prompts` where the connectors are trained.
    public init(
        transformer: Transformer,
        network: any TrainedNetwork,
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
            let rates = rates(after: done, &report)
            let update = options.gradientUse.update(
                ParameterChange(
                    optimizer: optimizer,
                    parameters: parameters,
                    rates: rates,
                    maxNorm: options.maxGradientNorm,
                    place: (options.seed, done)
                ),
                writesAudio: writesAudio
            )
            try run(batches, done: done, update, &report)
            if report.skipped != nil { audioWeight = remembered.weight }
            return report
        } catch {
            memory = remembered
            throw error
        }
    }

    /// What fails before a parameter has changed can be run again; what fails later cannot.
    private func run(
        _ batches: [TrainingBatch],
        done: Int,
        _ update: any StepUpdate,
        _ report: inout StepReport
    ) throws {
        do {
            // Code goes on after a failure; updates leave parameters alone then.
            try withTorchErrors { try collect(batches, done: done, update, &report) }
            if report.skipped == nil { try update.finish() }
        } catch  where update.hasBegun {
            throw TrainingError.optimizerFailed(step: report.step, reason: "\(error)")
        }
        guard update.hasBegun else { return }
        network.parametersChanged()
        report.rate *= optimizer.rateFactor
        report.audioRate *= optimizer.rateFactor
    }

    private func collect(
        _ batches: [TrainingBatch],
        done: Int,
        _ update: any StepUpdate,
        _ report: inout StepReport
    ) throws {
        var losses = StepLosses()
        for (part, batch) in batches.enumerated() {
            let place = FlowMatching.Place(step: done, part: part)
            try train(on: batch, at: place, into: update, &losses)
            supervision.count(batch)
        }
        losses.report(into: &report)
        report.audioWeight = audioWeight.factor(options.balance)
        report.supervisedRatio = supervision.ratio
        update.describe(&report)
        if !report.isFinite { report.skipped = StepReport.notFinite }
    }

    /// The rate of each parameter.
    private func rates(after done: Int, _ report: inout StepReport) -> [Double] {
        let factor = options.schedule.factor(after: done)
        report.rate = options.rate * factor
        report.audioRate = (options.audioRate ?? options.rate) * factor
        return writesAudio.map { $0 ? report.audioRate : report.rate }
    }
}

extension StepReport {
    /// Whether all that decides about the step is a finite number.
    fileprivate var isFinite: Bool {
        videoLoss.isFinite && audioLoss?.isFinite != false && gradientNorm.isFinite
            && preservation.values.allSatisfy(\.isFinite)
    }
}
