public import Torch

// Axes: B batch, C latent channels, T pictures, H rows, W columns, F latent frames.

/// Pictures to latents.
///
/// A long video goes through in pieces: all layers look back only, and remember what they saw.
///
/// - Source: diffusers' `LTX2VideoEncoder3d`; ltx-core returns the normalised mean as well.
public final class VideoEncoder {
    /// Sizes of the encoder.
    public let configuration: VideoVAEConfiguration
    /// Mean and deviation of each latent channel.
    public let statistics: LatentStatistics
    private let input: VideoConvolution
    private let steps: [Step]
    private let output: VideoConvolution

    private enum Step {
        case residual([ResidualBlock])
        case downsampling(Downsampling)
    }

    /// Reads `encoder` and `per_channel_statistics` below the scope; the decoder stays unread.
    ///
    /// Have the weights read as float32: what is cached should not depend on the training type.
    public init(_ weights: WeightScope, _ configuration: VideoVAEConfiguration) {
        let scope = weights / "encoder"
        let padding = configuration.encoderPadding
        let patched = configuration.pictureChannels * configuration.patch * configuration.patch
        var channels = configuration.baseChannels
        input = VideoConvolution(
            scope / "conv_in",
            patched,
            channels,
            padding: padding,
            looksAhead: false
        )
        steps = configuration.encoderBlocks.enumerated().map { index, block in
            Self.step(scope / "down_blocks" / index, block, &channels, padding)
        }
        let latent = configuration.latentChannels
        // One channel more: the logarithm of the variance, which training does not use.
        output = VideoConvolution(
            scope / "conv_out",
            channels,
            latent + 1,
            padding: padding,
            looksAhead: false
        )
        statistics = LatentStatistics(weights / "per_channel_statistics", width: latent)
        self.configuration = configuration
        weights.ignore("decoder.")
        weights.ignore("per_channel_statistics.")
    }

    private static func step(
        _ weights: WeightScope,
        _ block: VideoEncoderBlock,
        _ channels: inout Int,
        _ padding: Padding
    ) -> Step {
        switch block {
        case .residual(let count):
            let width = channels
            return .residual(
                (0..<count).map {
                    ResidualBlock(weights / "res_blocks" / $0, channels: width, padding: padding)
                }
            )
        case .downsampling(let time, let space, let multiplier):
            let width = channels
            channels *= multiplier
            return .downsampling(
                Downsampling(
                    weights,
                    width,
                    channels,
                    time: time,
                    space: space,
                    padding: padding
                )
            )
        }
    }

    /// Encodes pictures to the normalised mean of their latents.
    ///
    /// - Parameters:
    ///   - video: `[B, 3, T, H, W]`, floats in -1...1 or bytes; T is 8k + 1, 32 divides H and W.
    ///   - pixelsAtOnce: bounds the memory: about so many pixels go through in one piece; without it as
    ///     few as stay in a CPU's caches where channels are few, else many.
    /// - Returns: `[B, C, F, H / 32, W / 32]` with F = (T - 1) / 8 + 1.
    /// - Throws: if the sizes do not fit.
    public func encode(_ video: Tensor, pixelsAtOnce: Int? = nil) throws -> Tensor {
        let mean = try mean(of: video, pixelsAtOnce: pixelsAtOnce)
        return statistics.normalized(mean, axis: 1)
    }

    /// The mean as the encoder gives it, before it is normalised; sizes as for `encode`.
    public func mean(of video: Tensor, pixelsAtOnce: Int? = nil) throws -> Tensor {
        try check(video)
        let factor = configuration.timeFactor
        let pixels = video.size(0) * video.size(3) * video.size(4)
        // Every piece brings the weights into the convolutions' own order: that pays for few channels only.
        let isSmall = statistics.mean.device == .cpu && configuration.baseChannels < 16
        let most = pixelsAtOnce ?? (isSmall ? 1 << 20 : 8 << 20)
        let piece = max(1, most / max(pixels * factor, 1)) * factor
        let history = FrameHistory()
        var (parts, start) = ([Tensor](), 0)
        while start < video.size(2) {
            let end = min(video.size(2), start == 0 ? piece + 1 : start + piece)
            parts.append(encoded(video.narrow(2, from: start, count: end - start), history))
            start = end
        }
        return Tensor.concatenate(parts, axis: 2)
    }

    private func encoded(_ video: Tensor, _ history: FrameHistory) -> Tensor {
        var x = input(video.to(on: statistics.mean.device).patchified(configuration.patch), history)
        for step in steps {
            switch step {
            case .residual(let blocks): for block in blocks { x = block(x, history) }
            case .downsampling(let smaller): x = smaller(x, history)
            }
        }
        x = output(activating: x, history)
        return x.narrow(1, from: 0, count: configuration.latentChannels).clone()
    }

    private func check(_ video: Tensor) throws {
        let shape = video.shape
        let (time, space) = (configuration.timeFactor, configuration.spaceFactor)
        let fits =
            shape.count == 5 && shape[1] == configuration.pictureChannels
            && shape[2] > 0 && (shape[2] - 1).isMultiple(of: time) && shape[3].isMultiple(of: space)
            && shape[4].isMultiple(of: space) && shape[3] > 0 && shape[4] > 0
        guard fits else {
            throw ModelInputError(
                "video encoder: got \(shape), should be [B, \(configuration.pictureChannels), "
                    + "\(time)k + 1, sides that \(space) divides]; crop the clip to its bucket"
            )
        }
    }
}
