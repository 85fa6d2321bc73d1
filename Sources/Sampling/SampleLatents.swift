public import LTXModel
public import Torch

// Axes: C latent channels, F latent frames, h and w latent sides, T audio latents.

/// A sample behind the transformer: clean latents that wait for the decoders.
public struct SampleLatents {
    /// What was asked for.
    public let request: SampleRequest
    /// The picture, `[1, C, F, h, w]`; nil for sound alone.
    public let video: Tensor?
    /// The sound, `[1, T, C]`; nil for pictures alone.
    public let audio: Tensor?
    /// Seconds of the parts of sampling.
    public let seconds: SampleSeconds

    /// Latents of a request.
    public init(
        request: SampleRequest,
        video: Tensor?,
        audio: Tensor?,
        seconds: SampleSeconds = SampleSeconds()
    ) {
        (self.request, self.video, self.audio, self.seconds) = (request, video, audio, seconds)
    }
}

/// Makes the latents of samples with a transformer and whatever adapters are attached to it.
public final class LatentMaker {
    private let transformer: Transformer
    private let version: ModelVersion
    private let device: Device
    /// Whether the passes of a step may run as one batch.
    public var batchesPasses = true
    /// Whether the clock waits for the device.
    public var measuresExactly = false

    /// A maker for a transformer on a device.
    public init(_ transformer: Transformer, version: ModelVersion, device: Device) {
        self.transformer = transformer
        self.version = version
        self.device = device
    }

    /// Steps that a request takes.
    public func stepCount(of request: SampleRequest) -> Int { request.stepCount(version) }

    /// Samples a request.
    ///
    /// - Parameters:
    ///   - request: what is to be made.
    ///   - given: what it begins with or keeps.
    ///   - prompt: context of its prompt.
    ///   - negative: context of its negative prompt.
    ///   - afterStep: told the number of each step, from 1; stops the sample by throwing.
    /// - Returns: latents, float32.
    /// - Throws: `ModelInputError` if they are no finite numbers; `TorchError`; what `afterStep` throws.
    public func latents(
        of request: SampleRequest,
        given: GivenLatents = GivenLatents(),
        prompt: TextContext,
        negative: TextContext,
        afterStep: (Int) throws -> Void = { _ in }
    ) throws -> SampleLatents {
        let grid = request.grid(transformer.scale)
        let sampler = LatentSampler(
            transformer,
            schedule: SigmaSchedule(
                request.schedule,
                steps: request.stepCount(version),
                videoTokens: grid.tokenCount
            ),
            guidance: request.guidance(version, blockCount: transformer.config.blockCount),
            batchesPasses: batchesPasses
        )
        sampler.measuresExactly = measuresExactly
        return try withTorchErrors {
            let state = try sampler.sample(
                from: try start(request, given, grid),
                prompt: prompt,
                negative: negative
            ) { step, _ in try afterStep(step) }
            try check([state.video, state.audio].compactMap(\.self))
            return SampleLatents(
                request: request,
                video: state.video?.asLatents(grid),
                audio: state.audio,
                seconds: sampler.seconds
            )
        }
    }

    private func check(_ latents: [Tensor]) throws {
        guard !latents.allSatisfy({ $0.sum().item().isFinite }) else { return }
        throw ModelInputError(
            "sample: the latents are no finite numbers, should be; try --dtype float32, a lower "
                + "guidance, or another adapter"
        )
    }

    private func start(
        _ request: SampleRequest,
        _ given: GivenLatents,
        _ grid: VideoGrid
    ) throws -> LatentSampler.Start {
        let config = transformer.config
        func noise(_ stream: ModalityStart.Stream, _ tokens: Int, _ channels: Int) throws -> Tensor
        {
            try ModalityStart.noise(
                seed: request.seed,
                stream,
                tokens: tokens,
                channels: channels,
                device: device
            )
        }
        let audioCount = request.audioCount(transformer.scale)
        return try LatentSampler.Start(
            video: request.output.hasPicture
                ? video(given) { try noise(.video, grid.tokenCount, config.video.channels) } : nil,
            audio: request.output.hasSound
                ? given.audio.map { ModalityStart(given: $0.to(on: device)) }
                    ?? ModalityStart(noise: noise(.audio, audioCount, config.audio.channels)) : nil,
            grid: grid
        )
    }

    private func video(
        _ given: GivenLatents,
        noise: () throws -> Tensor
    ) throws -> ModalityStart {
        if let whole = given.video { return ModalityStart(given: whole.to(on: device)) }
        guard let opening = given.opening else { return ModalityStart(noise: try noise()) }
        return try ModalityStart(opening: opening.to(on: device), noise: try noise())
    }
}
