public import Torch

/// One step to a larger video: factors in time and space, and what becomes of the channels.
public struct UpsamplingStep: Equatable, Sendable {
    /// Frames for each frame.
    public var time: Int
    /// Rows for each row, and columns for each column.
    public var space: Int
    /// Divides the number of channels.
    public var divisor: Int
    /// Whether the input is added to the result.
    public var isResidual: Bool

    /// Elements for each element.
    var size: Int { time * space * space }
}

/// A step of the video decoder.
public enum VideoDecoderBlock: Equatable, Sendable {
    /// So many residual blocks, channels unchanged.
    case residual(count: Int)
    /// More frames, rows or columns, and fewer channels.
    case upsampling(UpsamplingStep)

    var upsampling: UpsamplingStep? {
        if case .upsampling(let step) = self { step } else { nil }
    }
}

/// Sizes of the video VAE's decoder.
public struct VideoDecoderConfiguration: Equatable, Sendable {
    /// Channels of a picture.
    public var pictureChannels = 3
    /// Channels of a latent.
    public var latentChannels = 128
    /// Channels before the last convolution.
    public var baseChannels = 128
    /// Side in pixels of the patches that are channels at the end.
    public var patch = 4
    /// What lies beyond the border of a picture.
    public var padding = Padding.zeros
    /// The steps from latents to pictures.
    public var blocks: [VideoDecoderBlock]
    /// Whether it is told how much noise its latents hold; nil: the weights tell.
    public var isConditioned: Bool?
    /// The noise that is mixed into the latents of a conditioned decoder, 0...1.
    public var noise = 0.025
    /// The noise level that a conditioned decoder is told, 0...1.
    public var timestep = 0.05

    /// Channels behind the first convolution.
    public var inputChannels: Int {
        blocks.compactMap(\.upsampling?.divisor).reduce(baseChannels, *)
    }

    /// Pictures per latent frame.
    public var timeFactor: Int { blocks.compactMap(\.upsampling?.time).reduce(1, *) }

    /// Pixels per latent row or column.
    public var spaceFactor: Int { blocks.compactMap(\.upsampling?.space).reduce(patch, *) }
}

extension VideoDecoderConfiguration {
    /// Reads `config.vae` of a single-file checkpoint, whose blocks are listed from pictures to latents.
    public init(original config: ConfigObject) throws {
        try config.require("_class_name", is: "CausalVideoAutoencoder")
        try config.require("dims", is: 3)
        try config.require("norm_layer", is: "pixel_norm")
        try config.require("scaling_factor", is: 1)
        try config.require("causal_decoder", is: false)
        blocks = try VideoVAEConfiguration.blocks(config, "decoder_blocks", Self.block).reversed()
        pictureChannels = try config.int("out_channels", default: pictureChannels)
        latentChannels = try config.int("latent_channels", default: latentChannels)
        baseChannels = try config.int("decoder_base_channels", default: baseChannels)
        patch = try config.int("patch_size", default: patch)
        isConditioned =
            config.has("timestep_conditioning") ? try config.bool("timestep_conditioning") : nil
        let shared = try config.string("spatial_padding_mode", default: "zeros")
        let key = "decoder_spatial_padding_mode"
        padding = try VideoVAEConfiguration.padding(config, key, default: shared)
    }

    private static func block(
        _ name: String,
        _ settings: ConfigObject
    ) throws -> VideoDecoderBlock {
        if name == "res_x" {
            try settings.require("inject_noise", is: false)
            return try .residual(count: settings.int("num_layers"))
        }
        let steps = ["compress_space": (1, 2), "compress_time": (2, 1), "compress_all": (2, 2)]
        guard let (time, space) = steps[name] else {
            throw ConfigurationError(
                "\(settings.path): is \(name), should be res_x or compress_{space,time,all}; "
                    + "use an original LTX-2 checkpoint"
            )
        }
        let step = try UpsamplingStep(
            time: time,
            space: space,
            divisor: settings.int("multiplier", default: 1),
            isResidual: settings.bool("residual", default: false)
        )
        return .upsampling(step)
    }
}
