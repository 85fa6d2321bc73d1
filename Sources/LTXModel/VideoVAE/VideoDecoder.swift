public import Torch

// Axes: B batch, C latent channels, F latent frames, T pictures, H rows, W columns.

/// Latents to pictures.
///
/// A long video goes through in pieces that give what the whole would give: see `FrameStream`.
///
/// - Source: diffusers' `LTX2VideoDecoder3d`.
public final class VideoDecoder {
    /// Sizes of the decoder.
    public let configuration: VideoDecoderConfiguration
    /// Mean and deviation of each latent channel.
    public let statistics: LatentStatistics
    /// Whether noise is mixed into the latents, and the decoder told how much.
    public let isConditioned: Bool
    let layers: [any FrameLayer]
    private let dtype: DType

    /// Reads `decoder` and `per_channel_statistics` below the scope; the encoder stays unread.
    public init(_ weights: WeightScope, _ configuration: VideoDecoderConfiguration) {
        let parts = VideoDecoderParts(weights / "decoder", configuration)
        layers = parts.layers
        isConditioned = parts.timestep != nil
        dtype = parts.dtype
        let latent = configuration.latentChannels
        statistics = LatentStatistics(weights / "per_channel_statistics", width: latent)
        self.configuration = configuration
        weights.ignore("encoder.")
        weights.ignore("per_channel_statistics.")
    }

    /// Decodes normalised latents at once, `[B, C, F, h, w]` to `[B, 3, 8(F - 1) + 1, 32 h, 32 w]`.
    ///
    /// - Parameters:
    ///   - latent: on the scale of noise, as the sampler gives it.
    ///   - random: where a conditioned decoder draws its noise from.
    /// - Returns: pictures in about -1...1, float32.
    /// - Throws: `ModelInputError` if the latents do not fit; `TorchError`.
    public func decode(_ latent: Tensor, random: RandomGenerator? = nil) throws -> Tensor {
        var pieces: [Tensor] = []
        try decode(latent, tiling: .whole, random: random) { pieces.append($0) }
        return try withTorchErrors { Tensor.concatenate(pieces, axis: 2) }
    }

    /// Decodes normalised latents and hands out pictures `[B, 3, t, H, W]` in order, as they get ready.
    ///
    /// In time the result is exact, whatever the tiling; in space it is where one tile holds the picture.
    public func decode(
        _ latent: Tensor,
        tiling: VideoTiling,
        random: RandomGenerator? = nil,
        onFrames: (Tensor) throws -> Void
    ) throws {
        try check(latent)
        let plain = try withTorchErrors {
            try withoutGradients {
                try prepared(statistics.denormalized(onDevice(latent), axis: 1), random)
            }
        }
        try pictures(of: plain, tiling: tiling, onFrames: onFrames)
    }

    /// Pictures of latents as the layers take them: on the decoder's own scale, noise mixed in.
    package func pictures(
        of latent: Tensor,
        tiling: VideoTiling = .whole,
        onFrames: (Tensor) throws -> Void
    ) throws {
        try check(latent)
        let grid = TileGrid(latent, tiling, factor: configuration.spaceFactor)
        let tiled = try withTorchErrors {
            TiledStream(layers, input: onDevice(latent).to(dtype), grid: grid)
        }
        while let frames = try withTorchErrors({ withoutGradients { tiled.next() } }) {
            try onFrames(frames)
        }
    }

    private func onDevice(_ latent: Tensor) -> Tensor {
        latent.to(.float32, on: statistics.mean.device)
    }

    /// Mixes in the noise that a conditioned decoder expects.
    private func prepared(_ latent: Tensor, _ random: RandomGenerator?) throws -> Tensor {
        guard isConditioned else { return latent }
        guard let random else {
            throw ModelInputError(
                "video decoder: is told the noise of its latents, should get a random generator for "
                    + "that noise; pass one made from the seed"
            )
        }
        let noise = random.normal(latent.shape).to(on: latent.device)
        return noise * configuration.noise + latent * (1 - configuration.noise)
    }

    private func check(_ latent: Tensor) throws {
        let (shape, channels) = (latent.shape, configuration.latentChannels)
        let least = configuration.padding == .reflect ? 2 : 1  // what is reflected must be there
        let fits =
            shape.count == 5 && shape[1] == channels && shape[0] > 0 && shape[2] > 0
            && shape[3] >= least && shape[4] >= least
        guard fits else {
            throw ModelInputError(
                "video decoder: got \(shape), should be [B, \(channels), frames, rows and columns of at "
                    + "least \(least)]; use latents of this checkpoint"
            )
        }
    }
}
