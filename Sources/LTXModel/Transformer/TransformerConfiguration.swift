/// Which noise level drives the modulation of the cross-modal attentions.
///
/// All agree for plain generation with one sigma for both modalities.
public enum CrossModulation: String, Sendable, CaseIterable {
    /// Scales, shifts and gates from the stream's own tokens: LTX-2.0 as released.
    case own
    /// Everything from the other modality's sigma: diffusers' default.
    case cross
    /// Scales and shifts from the own tokens, gates from the other modality: ltx-core today.
    case official
}

/// Sizes of one stream of the transformer.
public struct StreamConfiguration: Equatable, Sendable {
    /// Number of heads.
    public var heads: Int
    /// Width of one head.
    public var headWidth: Int
    /// Channels of a latent token.
    public var channels: Int
    /// Whether the feed-forward layers have biases.
    public var feedForwardBias: Bool

    /// Width of a token inside the transformer.
    public var width: Int { heads * headWidth }

    /// Reads the keys of one stream, which original files and diffusers folders call the same.
    init(_ config: ConfigObject, prefix: String) throws(ConfigurationError) {
        heads = try config.int(prefix + "num_attention_heads")
        headWidth = try config.int(prefix + "attention_head_dim")
        channels = try config.int(prefix + "in_channels")
        feedForwardBias = try config.bool(prefix + "ff_bias", default: true)
    }
}

/// Everything about the transformer that differs between checkpoints.
public struct TransformerConfiguration: Equatable, Sendable {
    /// The video stream.
    public var video: StreamConfiguration
    /// The audio stream; its head geometry is also that of the cross-modal attentions.
    public var audio: StreamConfiguration
    /// Number of blocks.
    public var blockCount: Int
    /// Width of the text before the transformer's own projection (2.0 only).
    public var captionWidth: Int?
    /// Whether heads have gates (2.3 and later).
    public var gatedAttention: Bool
    /// Whether text attention is modulated by the noise level (2.3 and later).
    public var modulatedTextAttention: Bool
    /// Whether key frames have an embedding of their own (2.5).
    public var keyframeEmbedding: Bool
    /// Epsilon of all norms.
    public var epsilon = 1e-6
    /// Highest rotary frequency.
    public var ropeTheta = 10000.0
    /// Seconds, rows, columns that map to 1.
    public var ropeMaximum = [20.0, 2048, 2048]
    /// Seconds that map to 1 in the audio stream.
    public var audioRopeMaximum = 20.0
    /// Whether rotary frequencies are computed in float64.
    public var ropeDoublePrecision = true
    /// Factor from sigma to the timestep that is embedded.
    public var timestepScale = 1000.0
    /// The same factor for the gates of the cross-modal attentions.
    public var crossGateScale = 1000.0
    /// Which noise level drives the cross-modal attentions.
    public var crossModulation = CrossModulation.official

    /// Rows of a block's modulation table: 6, or 9 with modulated text attention.
    public var modulationRows: Int { modulatedTextAttention ? 9 : 6 }
}

extension TransformerConfiguration {
    /// Reads `config.transformer` of a single-file checkpoint.
    ///
    /// - Parameters:
    ///   - config: the object.
    ///   - hasCaptionProjection: whether the file holds `caption_projection` (told by its keys).
    /// - Throws: `ConfigurationError` for a missing key or a value that is not implemented.
    public init(original config: ConfigObject, hasCaptionProjection: Bool) throws {
        try Self.checkFixedAssumptions(config)
        video = try StreamConfiguration(config, prefix: "")
        audio = try StreamConfiguration(config, prefix: "audio_")
        blockCount = try config.int("num_layers")
        captionWidth = hasCaptionProjection ? try config.int("caption_channels") : nil
        gatedAttention = try config.bool("apply_gated_attention", default: false)
        modulatedTextAttention = try config.bool("cross_attention_adaln", default: false)
        keyframeEmbedding = try config.bool("use_keyframes_abs_pos_embedding", default: false)
        try readCommon(config)
        crossModulation = modulatedTextAttention ? .official : .own
    }

    private mutating func readCommon(_ config: ConfigObject) throws {
        epsilon = try config.double("norm_eps", default: epsilon)
        ropeTheta = try config.double("positional_embedding_theta", default: ropeTheta)
        ropeMaximum = try config.ints("positional_embedding_max_pos", default: [20, 2048, 2048])
            .map(Double.init)
        audioRopeMaximum = try Double(
            config.ints("audio_positional_embedding_max_pos", default: [20]).first ?? 20
        )
        ropeDoublePrecision = try config.string("frequencies_precision", default: "") == "float64"
        timestepScale = try config.double("timestep_scale_multiplier", default: 1000)
        crossGateScale = try config.double("av_ca_timestep_scale_multiplier", default: 1)
    }

    /// What the code below takes for granted, key by key.
    private static func checkFixedAssumptions(_ config: ConfigObject) throws {
        try config.require("activation_fn", is: "gelu-approximate")
        try config.require("attention_bias", is: true)
        try config.require("norm_elementwise_affine", is: false)
        try config.require("qk_norm", is: "rms_norm")
        try config.require("standardization_norm", is: "rms_norm")
        try config.require("positional_embedding_type", is: "rope")
        try config.require("rope_type", is: "split")
        try config.require("cross_attention_norm", is: true)
        try config.require("share_ff", is: false)
        try config.require("use_audio_video_cross_attention", is: true)
        try config.require("av_cross_ada_norm", is: true)
        try config.require("use_middle_indices_grid", is: true)
        try config.require("causal_temporal_positioning", is: true)
        try config.require("dropout", is: 0)
        try config.require("double_self_attention", is: false)
        try config.require("only_cross_attention", is: false)
        try config.require("upcast_attention", is: false)
        try config.require("num_embeds_ada_norm", is: 1000)
    }

    /// Reads `transformer/config.json` of a diffusers folder.
    public init(diffusers config: ConfigObject) throws {
        try config.require("activation_fn", is: "gelu-approximate")
        try config.require("attention_bias", is: true)
        try config.require("norm_elementwise_affine", is: false)
        try config.require("qk_norm", is: "rms_norm_across_heads")
        try config.require("rope_type", is: "split")
        video = try StreamConfiguration(config, prefix: "")
        audio = try StreamConfiguration(config, prefix: "audio_")
        blockCount = try config.int("num_layers")
        let projectsText = try config.bool("use_prompt_embeddings", default: true)
        captionWidth = projectsText ? try config.int("caption_channels") : nil
        gatedAttention = try config.bool("gated_attn", default: false)
        modulatedTextAttention = try config.bool("cross_attn_mod", default: false)
        keyframeEmbedding = try config.bool("use_keyframes_abs_pos_embedding", default: false)
        epsilon = try config.double("norm_eps", default: epsilon)
        ropeTheta = try config.double("rope_theta", default: ropeTheta)
        ropeMaximum = try [
            config.double("pos_embed_max_pos", default: 20),
            config.double("base_height", default: 2048), config.double("base_width", default: 2048),
        ]
        audioRopeMaximum = try config.double("audio_pos_embed_max_pos", default: 20)
        ropeDoublePrecision = try config.bool("rope_double_precision", default: true)
        timestepScale = try config.double("timestep_scale_multiplier", default: 1000)
        crossGateScale = try config.double("cross_attn_timestep_scale_multiplier", default: 1000)
        crossModulation = modulatedTextAttention ? .official : .own
    }
}
