public import Adapters
public import LTXModel
import Torch

/// What one step reports.
public struct StepReport: Codable, Sendable, Equatable {
    /// Steps finished, this one included.
    public var step = 0
    /// Pass over the clips, from 0.
    public var epoch = 0
    /// Loss of the picture, mean over the step's micro-batches.
    public var videoLoss = 0.0
    /// Loss of the sound before scaling; nil if no clip of the step had sound.
    public var audioLoss: Double?
    /// Factor that the audio loss was scaled by.
    public var audioWeight = 1.0
    /// Noise levels of the picture, an item each.
    public var videoSigmas: [Double] = []
    /// Noise levels of the sound, an item with sound each.
    public var audioSigmas: [Double] = []
    /// Norm of all gradients before clipping.
    public var gradientNorm = 0.0
    /// Norm of the gradients of what writes the picture.
    public var videoGradientNorm = 0.0
    /// Norm of the gradients of what writes the sound.
    public var audioGradientNorm = 0.0
    /// Learning rate of the step.
    public var rate = 0.0
    /// Duration.
    public var seconds = 0.0
    /// Highest use of memory so far, in bytes.
    public var peakBytes = 0
    /// Names of the clips.
    public var clips: [String] = []
    /// Why the step changed nothing, if so.
    public var skipped: String?
}

/// Settings of the steps of a run.
public struct StepOptions: Sendable {
    /// Micro-batches per step; their gradients are averaged.
    public var accumulation = 1
    /// Learning rate before the schedule.
    public var rate = 1e-4
    /// Course of the learning rate.
    public var schedule = LearningRateSchedule.constant
    /// Gradients of a larger norm are scaled down to it; 0 for no limit.
    public var maxGradientNorm = 1.0
    /// How strongly the audio loss counts.
    public var balance = LossBalance.fixed(1)
    /// Whether activations are recomputed instead of kept.
    public var checkpointing = true
    /// Seed of the run.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}
}

/// One optimizer step: draw noise, predict, compare, go back through the blocks, change the adapters.
public final class TrainingStep {
    private let transformer: Transformer
    private let network: AdapterNetwork
    private let optimizer: any Optimizer
    private let noise: FlowMatching
    private let options: StepOptions
    private let pass: BlockwisePass
    private let parameters: [Tensor]
    private let writesAudio: [Bool]
    /// What the balance of the losses remembers.
    public var audioWeight = AudioWeight()

    /// Prepares the steps of a run.
    public init(
        transformer: Transformer,
        network: AdapterNetwork,
        optimizer: any Optimizer,
        noise: FlowMatching,
        options: StepOptions
    ) {
        self.transformer = transformer
        self.network = network
        self.optimizer = optimizer
        self.noise = noise
        self.options = options
        parameters = network.parameters
        writesAudio = network.pathways.map(\.writesAudio)
        pass = BlockwisePass(
            transformer,
            layout: ParameterLayout(network),
            checkpointing: options.checkpointing
        )
    }

    /// Runs the step that follows `done` finished ones.
    ///
    /// A loss or gradient that is not finite changes nothing and is reported as `skipped`.
    public func run(_ batches: [TrainingBatch], after done: Int) throws -> StepReport {
        try withTorchErrors {
            var report = StepReport()
            report.step = done + 1
            report.epoch = batches.first?.epoch ?? 0
            report.clips = batches.flatMap { $0.items.map(\.name) }
            let remembered = audioWeight
            try prepareDropout(step: done)

            let sums = GradientSums(count: parameters.count)
            var losses = LossSums()
            for (part, batch) in batches.enumerated() {
                let noisy = try noise.noisy(batch, step: done, part: part)
                accumulate(noisy, into: sums, &losses)
                report.videoSigmas += noisy.video.sigmas
                report.audioSigmas += heardSigmas(noisy, batch)
            }
            losses.report(into: &report)
            report.audioWeight = audioWeight.factor(options.balance)
            try finish(sums, done: done, &report)
            if report.skipped != nil { audioWeight = remembered }
            return report
        }
    }

    private func prepareDropout(step: Int) throws {
        let random = try RandomGenerator(seed: options.seed, step: step, purpose: 0xD120)
        network.prepareStep(random: random)
    }

    private func heardSigmas(_ noisy: NoisyBatch, _ batch: TrainingBatch) -> [Double] {
        zip(noisy.audio?.sigmas ?? [], batch.items).compactMap { $1.audio == nil ? nil : $0 }
    }

    private func accumulate(
        _ noisy: NoisyBatch,
        into sums: GradientSums,
        _ losses: inout LossSums
    ) {
        var found = LossSums()
        pass.accumulate(noisy.input, into: sums) { velocities in
            let video = velocities.video.map(noisy.video.loss) ?? .zeros([])
            found.video.append(video.detach().item())
            guard noisy.learnsAudio, let audio = noisy.audio, let heard = velocities.audio else {
                return video / Double(options.accumulation)
            }
            let raw = audio.loss(heard)
            found.audio.append(raw.detach().item())
            audioWeight.update(video: found.video[0], audio: found.audio[0])
            let weight = audioWeight.factor(options.balance)
            return (video + raw * weight) / Double(options.accumulation)
        }
        losses.add(found)
    }

    /// Clips and applies the gradients, unless something is not finite.
    private func finish(_ sums: GradientSums, done: Int, _ report: inout StepReport) throws {
        let gradients = sums.values
        report.videoGradientNorm = norm(gradients, audio: false)
        report.audioGradientNorm = norm(gradients, audio: true)
        let squares =
            report.videoGradientNorm * report.videoGradientNorm
            + report.audioGradientNorm * report.audioGradientNorm
        report.gradientNorm = squares.squareRoot()
        report.rate = options.rate * options.schedule.factor(after: done)
        guard report.videoLoss.isFinite, report.audioLoss?.isFinite != false,
            report.gradientNorm.isFinite
        else {
            report.skipped = "a loss or gradient is not a finite number"
            return
        }
        clip(gradients, report.gradientNorm)
        withoutGradients {
            optimizer.step(parameters: parameters, gradients: gradients, rate: report.rate)
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

/// Losses of the micro-batches of a step.
private struct LossSums {
    var video: [Double] = []
    var audio: [Double] = []

    mutating func add(_ other: LossSums) {
        video += other.video
        audio += other.audio
    }

    func report(into report: inout StepReport) {
        report.videoLoss = video.reduce(0, +) / Double(max(video.count, 1))
        report.audioLoss = audio.isEmpty ? nil : audio.reduce(0, +) / Double(audio.count)
    }
}
