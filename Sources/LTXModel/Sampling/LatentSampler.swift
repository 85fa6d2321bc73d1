public import Torch

// Axes: B batch, T tokens of a stream, C latent channels, S text tokens, D width of the text.

/// Makes latents of picture and sound out of noise: Euler steps along the predicted velocities.
public struct LatentSampler {
    /// How strongly a prediction follows its prompt.
    public struct Guidance: Sendable, Equatable {
        /// Classifier-free guidance of the picture; 1 is none.
        public var video = 3.0
        /// The same of the sound.
        public var audio = 7.0

        /// The official pipelines' scales.
        public init() {}

        /// Whether a second pass without the prompt is needed.
        var isNeeded: Bool { video != 1 || audio != 1 }
    }

    /// Where a sample begins.
    public struct Start {
        /// Noise of the picture `[B, T, C]`, float32.
        public let video: Tensor
        /// Noise of the sound `[B, T, C]`, float32.
        public let audio: Tensor
        /// Where the video tokens lie.
        public let grid: VideoGrid

        /// Joins the noise of both modalities.
        public init(video: Tensor, audio: Tensor, grid: VideoGrid) {
            self.video = video
            self.audio = audio
            self.grid = grid
        }
    }

    private let transformer: Transformer
    private let schedule: SigmaSchedule
    private let guidance: Guidance

    /// A sampler of a model, with whatever adapters are attached to it.
    public init(
        _ transformer: Transformer,
        schedule: SigmaSchedule,
        guidance: Guidance = Guidance()
    ) {
        self.transformer = transformer
        self.schedule = schedule
        self.guidance = guidance
    }

    /// Clean latents of both modalities `[B, T, C]`, float32.
    ///
    /// - Parameters:
    ///   - start: noise.
    ///   - prompt: context of the prompt, `[B, S, D]` each.
    ///   - negative: context that guidance leads away from.
    /// - Returns: the latents.
    public func sample(from start: Start, prompt: TextContext, negative: TextContext) -> StreamState
    {
        sample(from: start, prompt: prompt, negative: negative) { _, _ in }
    }

    /// The same; `afterStep` is told the number of each step, from 1, and the tokens it led to, and
    /// stops the sample by throwing.
    public func sample(
        from start: Start,
        prompt: TextContext,
        negative: TextContext,
        afterStep: (Int, StreamState) throws -> Void
    ) rethrows -> StreamState {
        try withoutGradients {
            var state = StreamState(video: start.video, audio: start.audio)
            let steps = zip(schedule.sigmas, schedule.sigmas.dropFirst())
            for (number, (sigma, next)) in steps.enumerated() {
                let velocity = guided(state, sigma, start.grid, prompt, negative)
                state = StreamState(
                    video: moved(state.video, velocity.video, by: next - sigma),
                    audio: moved(state.audio, velocity.audio, by: next - sigma)
                )
                try afterStep(number + 1, state)
            }
            return state
        }
    }

    private func moved(_ x: Tensor?, _ velocity: Tensor?, by step: Double) -> Tensor? {
        guard let x, let velocity else { return x }
        return x + velocity * step
    }

    /// On the velocities: guidance is linear, so that it is the same on predicted clean latents.
    ///
    /// A further kind of guidance is one more pass here and one more term in `led`.
    private func guided(
        _ state: StreamState,
        _ sigma: Double,
        _ grid: VideoGrid,
        _ prompt: TextContext,
        _ negative: TextContext
    ) -> StreamState {
        let wanted = transformer(input(state, sigma, grid, prompt))
        guard guidance.isNeeded else { return wanted }
        let unwanted = transformer(input(state, sigma, grid, negative))
        return StreamState(
            video: led(wanted.video, from: unwanted.video, guidance.video),
            audio: led(wanted.audio, from: unwanted.audio, guidance.audio)
        )
    }

    private func led(_ wanted: Tensor?, from unwanted: Tensor?, _ scale: Double) -> Tensor? {
        guard scale != 1, let wanted, let unwanted else { return wanted }
        return unwanted + (wanted - unwanted) * scale
    }

    private func input(
        _ state: StreamState,
        _ sigma: Double,
        _ grid: VideoGrid,
        _ text: TextContext
    ) -> TransformerInput {
        func modality(_ tokens: Tensor, _ text: Tensor) -> ModalityInput {
            ModalityInput(
                latent: tokens,
                sigma: .full([tokens.size(0)], sigma, device: tokens.device),
                text: text.to(on: tokens.device)
            )
        }
        return TransformerInput(
            video: state.video.map { modality($0, text.video) },
            audio: state.audio.map { modality($0, text.audio) },
            grid: grid
        )
    }
}
