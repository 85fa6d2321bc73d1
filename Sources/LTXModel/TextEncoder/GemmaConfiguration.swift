/// Sizes of a Gemma 3 text model; the defaults are those of the 12B model that LTX-2 uses.
public struct GemmaConfiguration: Equatable, Sendable {
    /// Rows of the embedding table.
    public var vocabulary = 262_208
    /// Width of a hidden state.
    public var width = 3840
    /// Width inside the feed-forward layers.
    public var innerWidth = 15360
    /// Heads of a query.
    public var heads = 16
    /// Heads of keys and values, shared by groups of query heads.
    public var keyHeads = 8
    /// Width of one head.
    public var headWidth = 256
    /// Scores are divided by the root of this number.
    public var queryScale = 256.0
    /// Tokens that a sliding layer sees, the token itself included.
    public var window = 1024
    /// Added to the mean square in all norms.
    public var epsilon = 1e-6
    /// Base of the rotary angles in sliding layers.
    public var slidingTheta = 10000.0
    /// Base of the rotary angles in global layers.
    public var globalTheta = 1_000_000.0
    /// Positions are divided by this number in global layers.
    public var globalFactor = 8.0
    /// For each layer, whether it sees all earlier tokens and not just a window.
    public var globalLayers = GemmaConfiguration.pattern(layers: 48, every: 6)

    /// The configuration of Gemma 3 12B.
    public init() {}

    /// Number of layers.
    public var layerCount: Int { globalLayers.count }

    /// Hidden states that the model gives: the embeddings, and one after each layer.
    public var stateCount: Int { layerCount + 1 }

    private static func pattern(layers: Int, every stride: Int) -> [Bool] {
        (1...max(layers, 1)).map { $0.isMultiple(of: max(stride, 1)) }
    }
}

extension GemmaConfiguration {
    /// Reads a `config.json` of Hugging Face, of the text model or with that one as `text_config`.
    ///
    /// Absent keys keep the values of the 12B model.
    public init(_ file: ConfigObject) throws {
        let config = file.has("text_config") ? try file.object("text_config") : file
        try Self.checkFixedAssumptions(config)
        vocabulary = try config.int("vocab_size", default: vocabulary)
        width = try config.int("hidden_size", default: width)
        innerWidth = try config.int("intermediate_size", default: innerWidth)
        heads = try config.int("num_attention_heads", default: heads)
        keyHeads = try config.int("num_key_value_heads", default: keyHeads)
        headWidth = try config.int("head_dim", default: headWidth)
        queryScale = try config.double("query_pre_attn_scalar", default: queryScale)
        window = try config.int("sliding_window", default: window)
        epsilon = try config.double("rms_norm_eps", default: epsilon)
        try readLayers(config)
        try readRotaryAngles(config)
        try check(at: config.path)
    }

    private static func checkFixedAssumptions(_ config: ConfigObject) throws {
        try config.require("model_type", is: "gemma3_text")
        try config.require("hidden_activation", is: "gelu_pytorch_tanh")
        try config.require("attention_bias", is: false)
        try config.require("use_bidirectional_attention", is: false)
        for key in ["attn_logit_softcapping", "final_logit_softcapping"] where config.has(key) {
            throw ConfigurationError(
                "\(config.path).\(key): is set, should be absent or null; use Gemma 3"
            )
        }
    }

    private mutating func readLayers(_ config: ConfigObject) throws {
        let count = try config.int("num_hidden_layers", default: layerCount)
        let old = try config.int("sliding_window_pattern", default: 6)
        let stride = try config.int("_sliding_window_pattern", default: old)
        globalLayers = Self.pattern(layers: count, every: stride)
        guard let kinds = config.value("layer_types") else { return }
        guard let names = kinds as? [String], names.count == count,
            Set(names).isSubset(of: ["full_attention", "sliding_attention"])
        else {
            throw ConfigurationError(
                "\(config.path).layer_types: is \(kinds), should be full_attention or "
                    + "sliding_attention for each of \(count) layers; use Gemma 3"
            )
        }
        globalLayers = names.map { $0 == "full_attention" }
    }

    /// Reads the angles as transformers 5 writes them, or by the older keys.
    private mutating func readRotaryAngles(_ config: ConfigObject) throws {
        guard config.has("rope_parameters") else {
            slidingTheta = try config.double("rope_local_base_freq", default: slidingTheta)
            globalTheta = try config.double("rope_theta", default: globalTheta)
            guard config.has("rope_scaling") else { return }
            globalFactor = try Self.factor(config.object("rope_scaling"))
            return
        }
        let parameters = try config.object("rope_parameters")
        let sliding = try parameters.object("sliding_attention")
        try sliding.require("rope_type", is: "default")
        slidingTheta = try sliding.double("rope_theta", default: slidingTheta)
        let global = try parameters.object("full_attention")
        globalTheta = try global.double("rope_theta", default: globalTheta)
        globalFactor = try Self.factor(global)
    }

    private static func factor(_ scaling: ConfigObject) throws -> Double {
        if try scaling.string("rope_type", default: "linear") == "default" { return 1 }
        try scaling.require("rope_type", is: "linear")
        return try scaling.double("factor")
    }

    private func check(at path: String) throws {
        guard heads.isMultiple(of: max(keyHeads, 1)), headWidth.isMultiple(of: 2), window > 0 else {
            throw ConfigurationError(
                "\(path): has \(heads) heads, \(keyHeads) key heads of width \(headWidth) and a window "
                    + "of \(window), should have whole groups, an even width and a window above 0; "
                    + "the file is damaged"
            )
        }
    }
}
