import Foundation

extension VideoDecoderConfiguration {
    /// Reads `vae/config.json` of a diffusers folder.
    ///
    /// All its lists run from pictures to latents, but for `upsample_type`.
    public init(diffusers config: ConfigObject) throws {
        try config.require("_class_name", is: "AutoencoderKLLTX2Video")
        try config.require("patch_size_t", is: 1)
        try config.require("scaling_factor", is: 1)
        guard try !config.bool("decoder_causal", default: true) else {
            throw ConfigurationError(
                "\(config.path).decoder_causal: is true, only false is implemented; "
                    + "use an original LTX-2 checkpoint"
            )
        }
        try Self.refuseNoise(config)
        let widths = try config.ints("decoder_block_out_channels")
        let divisors = try config.ints("upsample_factor")
        blocks = try Self.blocks(config, widths, divisors)
        pictureChannels = try config.int("out_channels", default: pictureChannels)
        latentChannels = try config.int("latent_channels", default: latentChannels)
        baseChannels = (widths.first ?? baseChannels) / max(1, divisors.first ?? 1)
        patch = try config.int("patch_size", default: patch)
        isConditioned = try config.bool("timestep_conditioning", default: false)
        let key = "decoder_spatial_padding_mode"
        padding = try VideoVAEConfiguration.padding(config, key, default: "reflect")
        try checkWidths(widths.reversed(), config)
    }

    private static func refuseNoise(_ config: ConfigObject) throws {
        guard try flags(config, "decoder_inject_noise", count: 1).contains(true) else { return }
        throw ConfigurationError(
            "\(config.path).decoder_inject_noise: is true, only false is implemented; "
                + "use an original LTX-2 checkpoint"
        )
    }

    private static func blocks(
        _ config: ConfigObject,
        _ widths: [Int],
        _ divisors: [Int]
    ) throws -> [VideoDecoderBlock] {
        let layers = try config.ints("decoder_layers_per_block")
        let kinds = config.value("upsample_type") as? [String] ?? []
        let residuals = try flags(config, "upsample_residual", count: widths.count)
        let scaled = try flags(config, "decoder_spatio_temporal_scaling", count: widths.count)
        let counts = [divisors.count, kinds.count, residuals.count, layers.count - 1]
        guard counts.allSatisfy({ $0 == widths.count }), !scaled.contains(false),
            let deepest = layers.last
        else {
            throw ConfigurationError(
                "\(config.path): has \(widths.count) decoder_block_out_channels, \(divisors.count) "
                    + "upsample_factor, \(kinds.count) upsample_type, \(residuals.count) "
                    + "upsample_residual and \(layers.count) decoder_layers_per_block, should have one "
                    + "more of the last, all of them scaled; the file is damaged"
            )
        }
        var blocks = [VideoDecoderBlock.residual(count: deepest)]
        for (index, kind) in kinds.enumerated() {
            let place = widths.count - 1 - index
            let step = try step(config, kind, index, divisors[place], residuals[place])
            blocks += [.upsampling(step), .residual(count: layers[place])]
        }
        return blocks
    }

    private static func step(
        _ config: ConfigObject,
        _ kind: String,
        _ index: Int,
        _ divisor: Int,
        _ isResidual: Bool
    ) throws -> UpsamplingStep {
        let steps = ["spatial": (1, 2), "temporal": (2, 1), "spatiotemporal": (2, 2)]
        guard let (time, space) = steps[kind] else {
            throw ConfigurationError(
                "\(config.path).upsample_type[\(index)]: is \(kind), should be spatial, temporal or "
                    + "spatiotemporal; the file is damaged"
            )
        }
        return UpsamplingStep(time: time, space: space, divisor: divisor, isResidual: isResidual)
    }

    /// A list of switches, or one for all; empty if absent.
    private static func flags(
        _ config: ConfigObject,
        _ key: String,
        count: Int
    ) throws -> [Bool] {
        guard let list = config.value(key) as? [Any] else {
            return config.has(key) ? Array(repeating: try config.bool(key), count: count) : []
        }
        return list.compactMap { ($0 as? NSNumber)?.boolValue }
    }

    /// Widths are told twice; where they disagree diffusers has layers that no released model has.
    private func checkWidths(_ widths: [Int], _ config: ConfigObject) throws {
        var (width, expected) = (inputChannels, [Int]())
        for divisor in blocks.compactMap(\.upsampling?.divisor) {
            expected.append(width)
            width /= max(1, divisor)
        }
        guard widths == expected else {
            throw ConfigurationError(
                "\(config.path).decoder_block_out_channels: is \(Array(widths.reversed())), should be "
                    + "\(Array(expected.reversed())) by upsample_factor; use an original LTX-2 checkpoint"
            )
        }
    }
}
