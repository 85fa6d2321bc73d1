public import Torch

// Axes: B batch, T tokens of a stream, C latent channels, S text tokens, D width of the text.

/// Makes latents of picture and sound out of noise: Euler steps along the predicted velocities.
public final class LatentSampler {
    /// Where a sample begins.
    public struct Start {
        /// The picture; nil makes sound alone.
        public let video: ModalityStart?
        /// The sound; nil makes a picture alone.
        public let audio: ModalityStart?
        /// Where the video tokens lie.
        public let grid: VideoGrid

        /// Joins both modalities.
        public init(video: ModalityStart?, audio: ModalityStart?, grid: VideoGrid) {
            self.video = video
            self.audio = audio
            self.grid = grid
        }

        /// Both modalities out of noise `[B, T, C]`, float32.
        public init(video: Tensor, audio: Tensor, grid: VideoGrid) {
            self.init(
                video: ModalityStart(noise: video),
                audio: ModalityStart(noise: audio),
                grid: grid
            )
        }
    }

    private let transformer: Transformer
    private let schedule: SigmaSchedule
    private let guidance: Guidance
    /// Overrides the checkpoint's way of modulating the attentions between the modalities.
    public var crossModulation: CrossModulation?
    /// Whether the passes of a step run as one batch; turns false for good when memory runs out in one.
    public private(set) var isBatching: Bool
    /// Whether the parts' seconds wait for the device, so that they are exact on a GPU.
    public var measuresExactly = false
    /// What the parts took since the sampler was made.
    public private(set) var seconds = SampleSeconds()

    /// A sampler of a model, with whatever adapters are attached to it.
    ///
    /// `batchesPasses` false runs the passes of a step one after another: slower, and with less memory.
    public init(
        _ transformer: Transformer,
        schedule: SigmaSchedule,
        guidance: Guidance,
        batchesPasses: Bool = true
    ) {
        self.transformer = transformer
        self.schedule = schedule
        self.guidance = guidance
        isBatching = batchesPasses
    }

    /// Makes a sample.
    ///
    /// - Parameters:
    ///   - start: noise, and what is given of either modality.
    ///   - prompt: context of the prompt, `[B, S, D]` each.
    ///   - negative: context that guidance leads away from.
    ///   - afterStep: told the number of each step, from 1, and the tokens it led to; stops the sample by
    ///     throwing.
    /// - Returns: clean latents of both modalities `[B, T, C]`, float32; what was given comes back as it was.
    /// - Throws: `ModelInputError` if nothing is to be made or the guidance does not fit the model; what
    ///   `afterStep` throws.
    public func sample(
        from start: Start,
        prompt: TextContext,
        negative: TextContext,
        afterStep: (Int, StreamState) throws -> Void = { _, _ in }
    ) throws -> StreamState {
        let guidance = guidance.of(start)
        try guidance.check(blockCount: transformer.config.blockCount)
        guard start.video?.isMade == true || start.audio?.isMade == true else {
            throw ModelInputError(
                "sample: picture and sound are both given or absent, should be one to make; give noise for it"
            )
        }
        let passes = GuidancePasses(transformer, start, guidance, crossModulation, prompt, negative)
        return try withoutGradients {
            var state = StreamState(video: start.video?.tokens, audio: start.audio?.tokens)
            for (number, (sigma, next)) in zip(schedule.sigmas, schedule.sigmas.dropFirst())
                .enumerated()
            {
                let velocities = try predict(passes, state, sigma)
                let step = GuidedStep(from: sigma, to: next, passes: guidance.passes)
                state = seconds.measure(\.arithmetic, waitingFor: waited(state)) {
                    StreamState(
                        video: start.video.flatMap { part in
                            step.moved(state.video, velocities.map(\.video), part, guidance.video)
                        },
                        audio: start.audio.flatMap { part in
                            step.moved(state.audio, velocities.map(\.audio), part, guidance.audio)
                        }
                    )
                }
                try afterStep(number + 1, state)
            }
            return state
        }
    }

    /// All passes of a step; as one batch while memory allows.
    private func predict(_ passes: GuidancePasses, _ state: StreamState, _ sigma: Double) throws
        -> [StreamState]
    {
        try seconds.measure(\.passes, waitingFor: waited(state)) {
            if isBatching, passes.canBeBatched {
                do {
                    return try withTorchErrors { passes.together(state, sigma) }
                } catch let error as TorchError where error.kind == .outOfMemory {
                    isBatching = false
                    state.tensors.first?.device.releaseCachedMemory()
                }
            }
            return passes.oneByOne(state, sigma)
        }
    }

    private func waited(_ state: StreamState) -> Device? {
        measuresExactly ? state.tensors.first?.device : nil
    }
}
