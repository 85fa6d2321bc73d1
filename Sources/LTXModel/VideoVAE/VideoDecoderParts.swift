import Torch

/// Reads the layers of the video decoder, first to last.
struct VideoDecoderParts {
    private(set) var layers: [any FrameLayer] = []
    /// What the decoder is told about noise, `[1]`, scaled; nil if nothing.
    let timestep: Tensor?
    /// Type of the weights.
    let dtype: DType
    private let configuration: VideoDecoderConfiguration
    private var channels: Int

    /// Reads all below `decoder`.
    init(_ scope: WeightScope, _ configuration: VideoDecoderConfiguration) {
        let isConditioned = configuration.isConditioned ?? scope.has("last_scale_shift_table")
        timestep =
            isConditioned
            ? scope.tensor("timestep_scale_multiplier", [], dtype: .float32).reshape(1)
                * configuration.timestep
            : nil
        self.configuration = configuration
        channels = configuration.inputChannels
        let first = VideoConvolution(
            scope / "conv_in",
            configuration.latentChannels,
            channels,
            padding: configuration.padding,
            looksAhead: true
        )
        dtype = first.dtype
        layers.append(first)
        for (index, block) in configuration.blocks.enumerated() {
            append(block, scope / "up_blocks" / index)
        }
        layers.append(
            PictureLayer(
                scope,
                channels,
                configuration,
                level: level(scope / "last_time_embedder", rows: 2)
            )
        )
    }

    private mutating func append(_ block: VideoDecoderBlock, _ weights: WeightScope) {
        let padding = configuration.padding
        switch block {
        case .residual(let count):
            let level = level(weights / "time_embedder", rows: 4)
            for index in 0..<count {
                layers.append(
                    ResidualBlock(
                        weights / "res_blocks" / index,
                        channels: channels,
                        padding: padding,
                        looksAhead: true,
                        level: level
                    )
                )
            }
        case .upsampling(let step):
            layers.append(Upsampling(weights, channels, step, padding: padding))
            channels /= step.divisor
        }
    }

    private func level(_ weights: WeightScope, rows: Int) -> VideoNoiseLevel? {
        timestep.map { VideoNoiseLevel(weights, width: rows * channels, timestep: $0) }
    }
}

/// The end of the decoder: norm, SiLU, a convolution to patches, patches to pixels.
final class PictureLayer: FrameLayer {
    private let convolution: VideoConvolution
    private let rows: VideoModulation?
    private let patch: Int

    /// Reads `conv_out` and, where a noise level is told, `last_scale_shift_table`.
    init(
        _ weights: WeightScope,
        _ channels: Int,
        _ configuration: VideoDecoderConfiguration,
        level: VideoNoiseLevel?
    ) {
        patch = configuration.patch
        convolution = VideoConvolution(
            weights / "conv_out",
            channels,
            configuration.pictureChannels * patch * patch,
            padding: configuration.padding,
            looksAhead: true
        )
        rows = level.map {
            VideoModulation(weights, "last_scale_shift_table", rows: 2, channels: channels, $0)
        }
    }

    func callAsFunction(_ x: Tensor, _ history: FrameHistory) -> Tensor {
        let normal = x.pixelNormalized(epsilon: videoNormEpsilon)
        let active = (rows?(normal, pair: 0) ?? normal).silu()
        return convolution(active, history).unpatchified(patch).to(.float32)
    }
}
