public import Torch

// Axes: B batch, C channels, Tm spectra, M mel bands, T latents, D width of a packed latent.

/// Sound to latents.
///
/// - Source: diffusers' `AutoencoderKLLTX2Audio`, encoder half.
public final class AudioEncoder {
    /// Sizes of the encoder.
    public let configuration: AudioVAEConfiguration
    /// Mean and deviation of each element of a packed latent.
    public let statistics: LatentStatistics
    private let spectrogram: MelSpectrogram
    private let input: SpectralConvolution
    private let levels: [Level]
    private let middle: [SpectralResidualBlock]
    private let output: SpectralConvolution

    private struct Level {
        let blocks: [SpectralResidualBlock]
        let smaller: SpectralDownsampling?
    }

    /// Reads `encoder` and `per_channel_statistics` below the scope; the decoder stays unread.
    ///
    /// Have the weights read as float32: what is cached should not depend on the training type.
    public init(_ weights: WeightScope, _ configuration: AudioVAEConfiguration) {
        let scope = weights / "encoder"
        let widths = configuration.multipliers.map { $0 * configuration.baseChannels }
        let last = widths.last ?? configuration.baseChannels
        input = SpectralConvolution(
            scope / "conv_in",
            configuration.soundChannels,
            configuration.baseChannels
        )
        let before = [configuration.baseChannels] + widths
        levels = zip(before, widths).enumerated().map { index, sizes in
            Self.level(
                scope / "down" / index,
                sizes.0,
                sizes.1,
                count: configuration.blocksPerLevel,
                isLast: index == widths.count - 1
            )
        }
        middle = ["block_1", "block_2"].map {
            SpectralResidualBlock(scope / "mid" / $0, last, last)
        }
        // As many channels again hold the logarithm of the variance, which training does not use.
        output = SpectralConvolution(scope / "conv_out", last, 2 * configuration.latentChannels)
        statistics = LatentStatistics(
            weights / "per_channel_statistics",
            width: configuration.latentWidth
        )
        spectrogram = MelSpectrogram(configuration.mel, device: statistics.mean.device)
        self.configuration = configuration
        weights.ignore("decoder.")
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
        let smaller =
            isLast
            ? nil : SpectralDownsampling(weights / "downsample", channels: outputCount)
        return Level(blocks: blocks, smaller: smaller)
    }

    /// Encodes a waveform to the normalised mean of its latents.
    ///
    /// - Parameter waveform: `[C, N]` in -1...1 at the configuration's rate; one channel is doubled.
    /// - Returns: `[1, T, D]` with T = ⌈Tm / 4⌉, one more than `latentCount` for some lengths.
    /// - Throws: if the channels do not fit or the clip is too short.
    public func encode(waveform: Tensor) throws -> Tensor {
        let wanted = configuration.soundChannels
        guard waveform.rank == 2, [1, wanted].contains(waveform.size(0)) else {
            throw ModelInputError(
                "audio encoder: got \(waveform.shape), should be [\(wanted) channels or 1, samples]; "
                    + "mix the sound down to stereo"
            )
        }
        return try encode(mel: spectrogram(waveform.expand([wanted, -1])))
    }

    /// Encodes a spectrogram `[B, C, Tm, M]` to the normalised mean of its latents `[B, T, D]`.
    public func encode(mel: Tensor) throws -> Tensor {
        let mean = try mean(of: mel)
        let packed = mean.transpose(1, 2).reshape([mean.size(0), mean.size(2), -1])
        return statistics.normalized(packed, axis: 2)
    }

    /// The mean as the encoder gives it, `[B, channels, T, bands]`.
    public func mean(of mel: Tensor) throws -> Tensor {
        let (channels, bands) = (configuration.soundChannels, configuration.mel.bands)
        guard mel.rank == 4, mel.size(1) == channels, mel.size(3) == bands, mel.size(2) > 0 else {
            throw ModelInputError(
                "audio encoder: got \(mel.shape), should be [B, \(channels), spectra, \(bands)]; "
                    + "use the spectrogram of this checkpoint"
            )
        }
        var x = input(mel)
        for level in levels {
            for block in level.blocks { x = block(x) }
            x = level.smaller?(x) ?? x
        }
        for block in middle { x = block(x) }
        return output(activated(x)).narrow(1, from: 0, count: configuration.latentChannels)
    }

    /// Cuts latents `[B, T, D]` to a number of them, or appends zeros.
    public static func fitted(_ latent: Tensor, to count: Int) -> Tensor {
        let missing = count - latent.size(1)
        guard missing > 0 else { return latent.narrow(1, from: 0, count: count).contiguous() }
        return latent.padded([0, 0, 0, missing])
    }
}
