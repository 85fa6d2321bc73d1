public import Adapters
public import LTXModel
import Torch

/// One optimizer step: draw noise, predict, compare, go back through the blocks, change the adapters.
public final class TrainingStep {
    private let network: AdapterNetwork
    private let optimizer: any Optimizer
    private let noise: FlowMatching
    private let options: StepOptions
    private let passes: LessonPasses
    private let prompts: PromptPass
    private let transformer: Transformer
    private let parameters: [Tensor]
    private let writesAudio: [Bool]
    /// Further passes in which the frozen base model is the teacher.
    public var preservations: [any Preservation] = []
    /// What the balance of the losses remembers.
    public var audioWeight = AudioWeight()
    /// What was there to learn the sound from, over the run.
    public var supervision = AudioSupervision()

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
    public func run(_ batches: [TrainingBatch], after done: Int) throws -> StepReport {
        try withTorchErrors {
            var report = StepReport()
            report.step = done + 1
            report.epoch = batches.first?.epoch ?? 0
            report.clips = batches.flatMap { $0.items.map(\.name) }
            let remembered = audioWeight

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
            try finish(sums, done: done, &report)
            if report.skipped != nil { audioWeight = remembered }
            return report
        }
    }

    // MARK: - One micro-batch

    private func train(
        on batch: TrainingBatch,
        at place: FlowMatching.Place,
        into sums: GradientSums,
        _ losses: inout StepLosses
    ) throws {
        network.strength = batch.items[0].settings.networkWeight
        defer { network.strength = 1 }
        network.prepareStep(random: try dropout(at: place))
        let told = try prompts.current(batch)
        let drawn = try noise.noisy(told, at: place)
        let stepped = try noise.stepped(drawn, of: told, at: place) { input in
            withoutGradients { transformer(input) }
        }
        let noisy = taughtByBase(stepped, batch)
        try learn(noisy, batch, into: sums, &losses)
        guard !preservations.isEmpty else { return }
        // What is preserved is the whole adapter's doing.
        network.prepareStep(random: nil)
        let whole = try prompts.current(batch)
        for preservation in preservations {
            guard let task = try preservation.task(for: whole, noisy, at: place) else { continue }
            try preserve(task, batch, into: sums, &losses)
        }
    }

    private func dropout(at place: FlowMatching.Place) throws -> RandomGenerator {
        try RandomGenerator(
            seed: options.seed,
            step: place.step,
            purpose: 0xD120 + 0x10000 * UInt64(place.part)
        )
    }

    /// Items that learn from the base model get its prediction as their target.
    private func taughtByBase(_ noisy: NoisyBatch, _ batch: TrainingBatch) -> NoisyBatch {
        let items = batch.items.map(\.settings.learnsFromBase)
        guard items.contains(true) else { return noisy }
        let base = basePrediction(prompts.baseInput(noisy.input, of: batch))
        var taught = noisy
        if let video = base.video {
            taught.video = noisy.video.replacingTarget(of: items, with: video)
        }
        if let audio = base.audio {
            taught.audio = noisy.audio?.replacingTarget(of: items, with: audio)
        }
        return taught
    }

    private func basePrediction(_ input: TransformerInput) -> StreamState {
        network.detached { withoutGradients { transformer(input) } }
    }

    private func learn(
        _ noisy: NoisyBatch,
        _ batch: TrainingBatch,
        into sums: GradientSums,
        _ losses: inout StepLosses
    ) throws {
        let lesson = Lesson(picture: options.videoFactor > 0, sound: noisy.learnsAudio)
        let isMeasured = lesson == .both && audioWeight.wantsNorms(options.balance)
        if isMeasured {
            try learnApart(noisy, batch, into: sums, &losses)
        } else if let lesson {
            var found = StepLosses()
            try accumulate(noisy.input, of: batch, lesson, into: sums) { velocities in
                loss(of: velocities, noisy, lesson, &found)
            }
            losses.add(found)
        }
    }

    /// Gradients of a loss, through the blocks and, where these learn, the connectors.
    private func accumulate(
        _ input: TransformerInput,
        of batch: TrainingBatch,
        _ lesson: Lesson,
        preserved: Bool = false,
        into sums: GradientSums,
        loss: (StreamState) -> Tensor
    ) throws {
        let texts = passes[lesson].accumulate(
            input,
            into: sums,
            wantsTextGradients: prompts.learns(lesson),
            loss: loss
        )
        try prompts.accumulate(texts, of: batch, lesson, preserved: preserved, into: sums)
    }

    /// Both losses in one number; the balance takes them in first, so that it holds from the first step on.
    private func loss(
        of velocities: StreamState,
        _ noisy: NoisyBatch,
        _ lesson: Lesson,
        _ found: inout StepLosses
    ) -> Tensor {
        var total: [Tensor] = []
        if let seen = velocities.video {
            let errors = noisy.video.errors(of: seen, options.loss)
            found.addVideo(errors, noisy.video)
            if lesson != .sound { total.append(noisy.video.loss(errors) * options.videoFactor) }
        }
        if lesson != .picture, let audio = noisy.audio, let heard = velocities.audio {
            let errors = audio.errors(of: heard, options.loss)
            found.addAudio(errors, audio)
            audioWeight.update(video: found.video[0], audio: found.audio[0])
            total.append(audio.loss(errors) * audioWeight.factor(options.balance))
        }
        return clamped(total.dropFirst().reduce(total[0], +)) / Double(options.accumulation)
    }

    private func clamped(_ loss: Tensor) -> Tensor {
        options.maxLoss.map { loss.clamped(-.infinity, $0) } ?? loss
    }

    /// The same step with the gradients of both losses apart, to know what each does to the adapters.
    private func learnApart(
        _ noisy: NoisyBatch,
        _ batch: TrainingBatch,
        into sums: GradientSums,
        _ losses: inout StepLosses
    ) throws {
        var found = StepLosses()
        let seen = GradientSums(count: parameters.count)
        let heard = GradientSums(count: parameters.count)
        try accumulate(noisy.input, of: batch, .both, into: seen) { velocities in
            guard let video = velocities.video else { return .zeros([]) }
            let errors = noisy.video.errors(of: video, options.loss)
            found.addVideo(errors, noisy.video)
            return noisy.video.loss(errors) * options.videoFactor / Double(options.accumulation)
        }
        try accumulate(noisy.input, of: batch, .both, into: heard) { velocities in
            guard let prediction = velocities.audio, let audio = noisy.audio else {
                return .zeros([])
            }
            let errors = audio.errors(of: prediction, options.loss)
            found.addAudio(errors, audio)
            return audio.loss(errors) / Double(options.accumulation)
        }
        audioWeight.update(video: found.video[0], audio: found.audio[0])
        audioWeight.update(videoNorm: seen.norm, audioNorm: heard.norm)
        sums.add(seen)
        sums.add(heard, factor: audioWeight.factor(options.balance))
        losses.add(found)
    }

    private func preserve(
        _ task: PreservationTask,
        _ batch: TrainingBatch,
        into sums: GradientSums,
        _ losses: inout StepLosses
    ) throws {
        let isPreserved = task.usesPreservedText
        let base = basePrediction(
            prompts.baseInput(task.input, of: batch, preserved: isPreserved)
        )
        var found = 0.0
        try accumulate(task.input, of: batch, .both, preserved: isPreserved, into: sums) {
            velocities in
            var total = Tensor.zeros(
                [],
                device: (velocities.video ?? velocities.audio)?.device ?? .cpu
            )
            if let video = task.video, let seen = velocities.video {
                total = total + video.loss(video.errors(of: seen, from: base.video))
            }
            if let audio = task.audio, let heard = velocities.audio {
                let weight = task.video == nil ? 1 : audioWeight.factor(options.balance)
                total = total + audio.loss(audio.errors(of: heard, from: base.audio)) * weight
            }
            found = total.detach().item()
            return total * (task.factor / Double(options.accumulation))
        }
        losses.preservation[task.name, default: []].append(found)
    }

    // MARK: - The optimizer

    /// Clips and applies the gradients, unless something is not finite.
    private func finish(_ sums: GradientSums, done: Int, _ report: inout StepReport) throws {
        let gradients = sums.values
        report.videoGradientNorm = norm(gradients, audio: false)
        report.audioGradientNorm = norm(gradients, audio: true)
        let squares =
            report.videoGradientNorm * report.videoGradientNorm
            + report.audioGradientNorm * report.audioGradientNorm
        report.gradientNorm = squares.squareRoot()
        let factor = options.schedule.factor(after: done)
        report.rate = options.rate * factor
        report.audioRate = (options.audioRate ?? options.rate) * factor
        guard report.isFinite else {
            report.skipped = "a loss or gradient is not a finite number"
            return
        }
        clip(gradients, report.gradientNorm)
        let rates = writesAudio.map { $0 ? report.audioRate : report.rate }
        withoutGradients {
            optimizer.step(parameters: parameters, gradients: gradients, rates: rates)
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
