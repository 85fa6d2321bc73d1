public import Torch

// Axes: B batch, C channels, Tm spectra, M mel bands, T latents, D width of a packed latent.

/// Latents to spectrograms.
///
/// - Source: diffusers' `AutoencoderKLLTX2Audio`, decoder half.
public final class AudioDecoder {
    /// Sizes of the decoder.
    public let configuration: AudioVAEConfiguration
    private let statistics: LatentStatistics
    private let input: SpectralConvolution
    private let middle: [SpectralResidualBlock]
    private let levels: [Level]  // from the smallest to the full size
    private let output: SpectralConvolution

    private struct Level {
        let blocks: [SpectralResidualBlock]
        let larger: SpectralUpsampling?
    }

    /// Reads `decoder` and `per_channel_statistics` below the scope; the encoder stays unread.
    public init(_ weights: WeightScope, _ configuration: AudioVAEConfiguration) {
        let scope = weights / "decoder"
        let widths = configuration.multipliers.map { $0 * configuration.baseChannels }
        let last = widths.last ?? configuration.baseChannels
        input = SpectralConvolution(scope / "conv_in", configuration.latentChannels, last)
        middle = ["block_1", "block_2"].map {
            SpectralResidualBlock(scope / "mid" / $0, last, last)
        }
        let before = widths.dropFirst() + [last]
        levels = zip(before, widths).enumerated().reversed().map { index, sizes in
            Self.level(
                scope / "up" / index,
                sizes.0,
                sizes.1,
                count: configuration.blocksPerLevel + 1,
                isLast: index == 0
            )
        }
        output = SpectralConvolution(
            scope / "conv_out",
            configuration.baseChannels,
            configuration.soundChannels
        )
        statistics = LatentStatistics(
            weights / "per_channel_statistics",
            width: configuration.latentWidth
        )
        self.configuration = configuration
        weights.ignore("encoder.")
        weights.ignore("per_channel_statistics.")
    }

    private static func level(
        _ weights: WeightScope,
        _ inputCount: Int,
        _ outputCount: Int,
        count: Int,
        isLast: Bool
    ) -> Level {
        let blocks = residualBlocks(weights / "block", inputCount, outputCount, count: count)
        let larger =
            isLast ? nil : SpectralUpsampling(weights / "upsample", channels: outputCount)
        return Level(blocks: blocks, larger: larger)
    }

    /// Decodes normalised latents `[B, T, D]` to log-mel spectrograms `[B, C, Tm, M]`, Tm = 4T − 3.
    ///
    /// - Throws: if the latents are not as wide as those of this checkpoint.
    public func decode(_ latent: Tensor) throws -> Tensor {
        let width = configuration.latentWidth
        guard latent.rank == 3, latent.size(2) == width, latent.size(1) > 0 else {
            throw ModelInputError(
                "audio decoder: got \(latent.shape), should be [B, latents, \(width)]; "
                    + "use latents of this checkpoint"
            )
        }
        let plain = statistics.denormalized(latent, axis: 2)
        let channels = configuration.latentChannels
        let (batch, time) = (latent.size(0), latent.size(1))
        return mel(of: plain.reshape(batch, time, channels, width / channels).transpose(1, 2))
    }

    /// Spectrograms of latents as the decoder takes them, `[B, channels, T, bands]`.
    public func mel(of latent: Tensor) -> Tensor {
        var x = input(latent)
        for block in middle { x = block(x) }
        for level in levels {
            for block in level.blocks { x = block(x) }
            x = level.larger?(x) ?? x
        }
        return output(activated(x))
    }
}
