public import Torch

/// A step of the video encoder: some residual blocks, or one that makes the video smaller.
public enum VideoEncoderBlock: Equatable, Sendable {
    /// So many residual blocks, channels unchanged.
    case residual(count: Int)
    /// Fewer frames, rows or columns, and more channels.
    case downsampling(time: Int, space: Int, multiplier: Int)
}

/// Sizes of the video VAE's encoder, which are those of its latents.
public struct VideoVAEConfiguration: Equatable, Sendable {
    /// Channels of a picture.
    public var pictureChannels = 3
    /// Channels of a latent.
    public var latentChannels = 128
    /// Channels behind the first convolution.
    public var baseChannels = 128
    /// Side in pixels of the patches that become channels at the start.
    public var patch = 4
    /// What lies beyond the border of a picture.
    public var encoderPadding = Padding.zeros
    /// The encoder's steps, first to last.
    public var encoderBlocks: [VideoEncoderBlock]

    /// Pictures per latent frame.
    public var timeFactor: Int { encoderBlocks.map(\.timeFactor).reduce(1, *) }

    /// Pixels per latent row or column.
    public var spaceFactor: Int { encoderBlocks.map(\.spaceFactor).reduce(patch, *) }
}

extension VideoEncoderBlock {
    fileprivate var timeFactor: Int {
        if case .downsampling(let time, _, _) = self { time } else { 1 }
    }

    fileprivate var spaceFactor: Int {
        if case .downsampling(_, let space, _) = self { space } else { 1 }
    }
}

extension VideoVAEConfiguration {
    /// Reads `config.vae` of a single-file checkpoint.
    public init(original config: ConfigObject) throws {
        try config.require("_class_name", is: "CausalVideoAutoencoder")
        try config.require("dims", is: 3)
        try config.require("norm_layer", is: "pixel_norm")
        try config.require("scaling_factor", is: 1)
        try config.require("latent_log_var", is: "uniform")
        encoderBlocks = try Self.blocks(config, "encoder_blocks", Self.block)
        pictureChannels = try config.int("in_channels", default: pictureChannels)
        latentChannels = try config.int("latent_channels", default: latentChannels)
        baseChannels = try config.int("encoder_base_channels", default: baseChannels)
        patch = try config.int("patch_size", default: patch)
        let shared = try config.string("spatial_padding_mode", default: "zeros")
        encoderPadding = try Self.padding(config, "encoder_spatial_padding_mode", default: shared)
    }

    static func padding(
        _ config: ConfigObject,
        _ key: String,
        default fallback: String
    ) throws -> Padding {
        let name = try config.string(key, default: fallback)
        let known: [String: Padding] = [
            "zeros": .zeros, "reflect": .reflect, "replicate": .replicate,
        ]
        guard let padding = known[name] else {
            throw ConfigurationError(
                "\(config.path).\(key): is \(name), should be zeros, reflect or replicate; "
                    + "use an original LTX-2 checkpoint"
            )
        }
        return padding
    }

    /// Reads a list of `[name, {settings}]` pairs.
    static func blocks<Block>(
        _ config: ConfigObject,
        _ key: String,
        _ block: (String, ConfigObject) throws -> Block
    ) throws -> [Block] {
        let path = "\(config.path).\(key)"
        guard let list = config.value(key) as? [Any], !list.isEmpty else {
            throw ConfigurationError(
                "\(path): is missing, should be a list of [name, settings]; "
                    + "the file is not a whole LTX-2 checkpoint"
            )
        }
        return try list.enumerated().map { index, entry in
            let pair = entry as? [Any] ?? []
            guard let name = pair.first as? String, pair.count == 2 else {
                throw ConfigurationError(
                    "\(path)[\(index)]: is \(entry), should be [name, settings]; "
                        + "the file's metadata is damaged"
                )
            }
            // An older spelling gives the number of blocks alone.
            let settings = pair[1] as? [String: Any] ?? ["num_layers": pair[1]]
            return try block(name, ConfigObject(settings, path: "\(path)[\(index)]"))
        }
    }

    private static func block(
        _ name: String,
        _ settings: ConfigObject
    ) throws -> VideoEncoderBlock {
        if name == "res_x" { return try .residual(count: settings.int("num_layers")) }
        let steps = [
            "compress_space_res": (1, 2), "compress_time_res": (2, 1), "compress_all_res": (2, 2),
        ]
        guard let (time, space) = steps[name] else {
            throw ConfigurationError(
                "\(settings.path): is \(name), should be res_x or compress_{space,time,all}_res; "
                    + "use an original LTX-2 checkpoint"
            )
        }
        return try .downsampling(
            time: time,
            space: space,
            multiplier: settings.int("multiplier", default: 2)
        )
    }
}

extension VideoVAEConfiguration {
    /// Reads `vae/config.json` of a diffusers folder.
    public init(diffusers config: ConfigObject) throws {
        try config.require("_class_name", is: "AutoencoderKLLTX2Video")
        try config.require("encoder_causal", is: true)
        try config.require("patch_size_t", is: 1)
        try config.require("scaling_factor", is: 1)
        pictureChannels = try config.int("in_channels", default: pictureChannels)
        latentChannels = try config.int("latent_channels", default: latentChannels)
        baseChannels = latentChannels  // diffusers has no key of its own for it
        patch = try config.int("patch_size", default: patch)
        encoderPadding = try Self.padding(config, "encoder_spatial_padding_mode", default: "zeros")
        encoderBlocks = try Self.blocks(diffusers: config, base: baseChannels)
    }

    private static func blocks(
        diffusers config: ConfigObject,
        base: Int
    ) throws -> [VideoEncoderBlock] {
        let widths = try config.ints("block_out_channels")
        let layers = try config.ints("layers_per_block")
        let kinds = config.value("downsample_type") as? [String] ?? []
        guard layers.count == widths.count + 1, kinds.count == widths.count else {
            throw ConfigurationError(
                "\(config.path): has \(widths.count) block_out_channels, \(kinds.count) "
                    + "downsample_type and \(layers.count) layers_per_block, should have one more of "
                    + "the last; the file is damaged"
            )
        }
        var blocks: [VideoEncoderBlock] = []
        for (index, (width, before)) in zip(widths, [base] + widths).enumerated() {
            blocks.append(.residual(count: layers[index]))
            let steps = ["spatial": (1, 2), "temporal": (2, 1), "spatiotemporal": (2, 2)]
            guard let (time, space) = steps[kinds[index]], width.isMultiple(of: before) else {
                throw ConfigurationError(
                    "\(config.path).downsample_type[\(index)]: is \(kinds[index]) from \(before) to "
                        + "\(width) channels, should be spatial, temporal or spatiotemporal to a "
                        + "multiple; the file is damaged"
                )
            }
            blocks.append(.downsampling(time: time, space: space, multiplier: width / before))
        }
        return blocks + [.residual(count: layers[widths.count])]
    }
}
