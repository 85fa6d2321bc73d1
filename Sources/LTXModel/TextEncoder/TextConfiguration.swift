/// Sizes of one connector.
public struct ConnectorConfiguration: Equatable, Sendable {
    /// Number of heads.
    public var heads: Int
    /// Width of one head.
    public var headWidth: Int
    /// Number of blocks.
    public var blockCount: Int
    /// Learned tokens that fill the places behind the prompt.
    public var registerCount: Int
    /// Whether heads have gates (2.3 and later).
    public var gatedAttention: Bool
    /// The position that maps to 1.
    public var ropeMaximum = 4096.0
    /// Highest rotary frequency.
    public var ropeTheta = 10000.0
    /// Whether rotary frequencies are computed in float64.
    public var ropeDoublePrecision = true
    /// Epsilon of all norms.
    public var epsilon = 1e-6

    /// Width of a token.
    public var width: Int { heads * headWidth }
}

/// What lies between the text encoder and the transformer.
public struct TextConfiguration: Equatable, Sendable {
    /// How hidden states are normalised.
    public var normalization: FeatureNormalization
    /// Whether each modality has a projection of its own (2.3 and later).
    public var hasOwnProjections: Bool
    /// The connector of the video stream.
    public var video: ConnectorConfiguration
    /// The connector of the audio stream.
    public var audio: ConnectorConfiguration
}

extension TextConfiguration {
    /// Reads `config.transformer` of a single-file checkpoint.
    public init(original config: ConfigObject) throws {
        try config.require("rope_type", is: "split")
        try config.require("caption_proj_input_norm", is: false)
        let kind = try config.string("text_encoder_norm_type", default: "").lowercased()
        guard ["", "per_token_rms"].contains(kind) else {
            throw ConfigurationError(
                "\(config.path).text_encoder_norm_type: is \(kind), should be absent or per_token_rms; "
                    + "use an original LTX-2 checkpoint"
            )
        }
        let video = try ConnectorConfiguration(original: config)
        normalization = kind.isEmpty ? .range : .rootMeanSquare
        hasOwnProjections = try config.bool("caption_proj_before_connector", default: false)
        self.video = video
        audio = video
        audio.heads = try config.int("audio_connector_num_attention_heads", default: video.heads)
        audio.headWidth = try config.int(
            "audio_connector_attention_head_dim",
            default: video.headWidth
        )
    }

    /// Reads `connectors/config.json` of a diffusers folder.
    public init(diffusers config: ConfigObject) throws {
        try config.require("rope_type", is: "split")
        try config.require("causal_temporal_positioning", is: false)
        hasOwnProjections = try config.bool("per_modality_projections", default: false)
        try config.require("proj_bias", is: hasOwnProjections)
        normalization = hasOwnProjections ? .rootMeanSquare : .range
        video = try ConnectorConfiguration(diffusers: config, modality: "video")
        audio = try ConnectorConfiguration(diffusers: config, modality: "audio")
    }
}

extension ConnectorConfiguration {
    /// Reads the keys of the video connector in `config.transformer`.
    init(original config: ConfigObject) throws {
        heads = try config.int("connector_num_attention_heads", default: 30)
        headWidth = try config.int("connector_attention_head_dim", default: 128)
        blockCount = try config.int("connector_num_layers", default: 2)
        registerCount = try config.int("connector_num_learnable_registers", default: 128)
        gatedAttention = try config.bool("connector_apply_gated_attention", default: false)
        try config.require("connector_norm_output", is: true)
        let maximum = try config.ints("connector_positional_embedding_max_pos")
        ropeMaximum = Double(maximum.first ?? 4096)
        ropeTheta = try config.double("positional_embedding_theta", default: ropeTheta)
        ropeDoublePrecision = try config.string("frequencies_precision", default: "") == "float64"
    }

    /// Reads the keys of one modality's connector in a diffusers configuration.
    init(diffusers config: ConfigObject, modality: String) throws {
        let prefix = "\(modality)_connector_"
        heads = try config.int(prefix + "num_attention_heads")
        headWidth = try config.int(prefix + "attention_head_dim")
        blockCount = try config.int(prefix + "num_layers")
        registerCount = try config.int(prefix + "num_learnable_registers")
        gatedAttention = try config.bool("\(modality)_gated_attn", default: false)
        ropeMaximum = try config.double("connector_rope_base_seq_len", default: ropeMaximum)
        ropeTheta = try config.double("rope_theta", default: ropeTheta)
        ropeDoublePrecision = try config.bool("rope_double_precision", default: true)
    }
}
