/// Sizes of the audio VAE's encoder.
public struct AudioVAEConfiguration: Equatable, Sendable {
    /// Channels of the sound.
    public var soundChannels = 2
    /// Channels of a latent.
    public var latentChannels = 8
    /// Channels of the first level.
    public var baseChannels = 128
    /// Channels of each level, as multiples of the first; all but the last halve the spectrogram.
    public var multipliers = [1, 2, 4]
    /// Residual blocks in each level.
    public var blocksPerLevel = 2
    /// Waveform to spectrogram.
    public var mel = MelConfiguration()

    /// The configuration of all LTX-2 models.
    public init() {}

    /// Spectra, and bands, that one latent stands for.
    public var factor: Int { multipliers.dropLast().reduce(1) { product, _ in product * 2 } }

    /// Width of a packed latent: its channels times the bands that are left.
    public var latentWidth: Int { latentChannels * mel.bands / factor }

    /// Latents per second: 25 in all LTX-2 models.
    public var latentRate: Double {
        Double(mel.sampleRate) / Double(mel.hop) / Double(factor)
    }

    /// Latents that belong to so many pictures, to the nearest (halves to the even one).
    ///
    /// - Parameters:
    ///   - frames: pictures of the window.
    ///   - fps: pictures per second.
    /// - Returns: the number that generation uses.
    public func latentCount(frames: Int, fps: Double) -> Int {
        Int((Double(frames) / fps * latentRate).rounded(.toNearestOrEven))
    }
}

extension AudioVAEConfiguration {
    /// Reads `config.audio_vae` of a single-file checkpoint.
    public init(original config: ConfigObject) throws {
        let sizes = try config.object("model").object("params").object("ddconfig")
        soundChannels = try sizes.int("in_channels", default: soundChannels)
        latentChannels = try sizes.int("z_channels", default: latentChannels)
        baseChannels = try sizes.int("ch", default: baseChannels)
        multipliers = try sizes.ints("ch_mult", default: multipliers)
        blocksPerLevel = try sizes.int("num_res_blocks", default: blocksPerLevel)
        mel = try MelConfiguration(original: config)
        try sizes.require("mel_bins", is: mel.bands)
        try Self.checkFixedAssumptions(sizes)
    }

    /// Reads `audio_vae/config.json` of a diffusers folder.
    public init(diffusers config: ConfigObject) throws {
        try config.require("_class_name", is: "AutoencoderKLLTX2Audio")
        soundChannels = try config.int("in_channels", default: soundChannels)
        latentChannels = try config.int("latent_channels", default: latentChannels)
        baseChannels = try config.int("base_channels", default: baseChannels)
        multipliers = try config.ints("ch_mult", default: multipliers)
        blocksPerLevel = try config.int("num_res_blocks", default: blocksPerLevel)
        mel = try MelConfiguration(diffusers: config)
        try Self.checkFixedAssumptions(config)
    }

    private static func checkFixedAssumptions(_ config: ConfigObject) throws {
        try config.require("double_z", is: true)
        try config.require("norm_type", is: "pixel")
        try config.require("causality_axis", is: "height")
        try config.require("is_causal", is: true)
        try config.require("mid_block_add_attention", is: false)
        let attended = try config.ints("attn_resolutions", default: [])
        guard attended.isEmpty else {
            throw ConfigurationError(
                "\(config.path).attn_resolutions: is \(attended), should be empty; "
                    + "use an original LTX-2 checkpoint"
            )
        }
    }
}
