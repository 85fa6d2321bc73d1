import LTXModel
import Torch

/// The passes of one micro-batch: what is learned from it, and what is preserved beside it.
extension TrainingStep {
    func train(
        on batch: TrainingBatch,
        at place: FlowMatching.Place,
        into sums: any GradientSink,
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
        into sums: any GradientSink,
        _ losses: inout StepLosses
    ) throws {
        let lesson = Lesson(
            picture: options.videoFactor > 0,
            sound: noisy.learnsAudio && options.balance != .fixed(0)
        )
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
        into sums: any GradientSink,
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
        into sums: any GradientSink,
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
        sums.finishSegment()
        losses.add(found)
    }

    private func preserve(
        _ task: PreservationTask,
        _ batch: TrainingBatch,
        into sums: any GradientSink,
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
}
