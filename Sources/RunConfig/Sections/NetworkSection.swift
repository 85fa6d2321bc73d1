/// The `network:` section: the adapter.
public struct NetworkSection: Sendable, Equatable {
    /// Key `type`: kind of adapter.
    public var type = NetworkType.lora
    /// Key `linear` (or `rank`, which wins): width of the low-rank update.
    public var linear = 4
    /// Key `linear_alpha`: counts only with `honorLinearAlpha`.
    public var linearAlpha = 4.0
    /// Key `honor_linear_alpha`: scale by `linear_alpha / linear` instead of 1.
    public var honorLinearAlpha = false
    /// Key `audio_linear`: rank of the audio side; `nil` is `linear`.
    public var audioLinear: Int?
    /// Key `ranks`: ranks of modules by part of their name; the longest part that fits counts.
    public var ranks: [String: Int] = [:]
    /// Key `pathways`: parts of the transformer that get adapters; `nil` is all.
    public var pathways: [AdapterPathway]?
    /// Key `dropout`: share of elements zeroed behind the down projection while training.
    public var dropout = 0.0
    /// Key `rank_dropout`: share of rank dimensions zeroed per item while training.
    public var rankDropout = 0.0
    /// Key `module_dropout`: share of adapters skipped per step.
    public var moduleDropout = 0.0
    /// Key `transformer_only`: adapt nothing outside the blocks.
    public var transformerOnly = true
    /// Key `lokr_full_rank`: the second Kronecker factor is a full matrix.
    public var lokrFullRank = true
    /// Key `lokr_factor`: size of the first factor; -1 is the most balanced one.
    public var lokrFactor = -1
    /// Key `network_kwargs.ignore_if_contains`: module names that get no adapter.
    public var ignoreIfContains: [String] = []
    /// Key `network_kwargs.only_if_contains`: if given, only these get one.
    public var onlyIfContains: [String]?
    /// Key `network_kwargs.full_if_contains`: these get a full difference.
    public var fullIfContains: [String]?
    /// Key `network_kwargs.parameter_threshold`: smaller modules get no adapter.
    public var parameterThreshold = 0
    /// Key `all_layers`: full differences for norms and tables.
    public var allLayers = false
    /// Key `pretrained_lora_path`: adapter to start from.
    public var pretrainedLoraPath: String?

    /// Factor of the update: 1, as in ai-toolkit, unless the file asks for alpha.
    public var scale: Double { honorLinearAlpha ? linearAlpha / Double(linear) : 1 }

    /// The section's defaults: LoRA of rank 4.
    public init() {}

    init(from section: inout ConfigSection) {
        section.about("Kind of adapter.")
        section.read("type", into: &type)
        readRank(from: &section)
        section.about("Parts of the transformer that get adapters, by stream.")
        section.read(
            "pathways",
            into: &pathways,
            .notEmpty,
            fix: "name some, or drop the key for all",
            otherwise: "all"
        )
        readDropout(from: &section)
        readLoKr(from: &section)
        section.about("Adapt only the linears inside the transformer blocks.")
        section.read("transformer_only", into: &transformerOnly)
        section.about("Train full differences of norms and tables too.")
        section.read("all_layers", into: &allLayers)
        section.about("Adapter file to start from, when there is no checkpoint to go on with.")
        section.read("pretrained_lora_path", into: &pretrainedLoraPath, .notEmpty)
        section.about("Choice of modules, by parts of their names.")
        if var child = section.section("network_kwargs") { readChoice(from: &child) }
        readUnused(from: &section)
        section.rejectUnknownKeys()
    }

    private mutating func readRank(from section: inout ConfigSection) {
        let rankRule = Rule<Int>.within(1...4096)
        section.about("Rank of the update; memory and file size grow linearly with it.")
        section.read("linear", into: &linear, rankRule, fix: "use 16, 32 or 64")
        var rank: Int?
        section.about("Older name of `linear`; wins where both are given.")
        section.read("rank", into: &rank, rankRule, fix: "use 16, 32 or 64")
        if let rank {
            if section.has("linear"), rank != linear {
                section.warn("rank", "wins over linear, so the rank is \(rank)", fix: "keep one")
            }
            linear = rank
        }
        section.about("Rank of the audio side's adapters.")
        section.read("audio_linear", into: &audioLinear, rankRule, otherwise: "the same as linear")
        readRanks(from: &section)
        readAlpha(from: &section)
        let usesRank =
            type != .fullrank && !(type == .lokr && section.rawValue("lokr_full_rank") != false)
        let isGiven = section.has("linear") || section.has("rank") || section.report.preset != nil
        if usesRank, !isGiven, !section.report.isSchemaPass {
            section.warn(
                "linear",
                "not given, so the rank is 4",
                fix: "use 32 for a face and a voice"
            )
        }
    }

    private mutating func readRanks(from section: inout ConfigSection) {
        var given: [String: ConfigValue] = [:]
        let rule = Rule(text: ", each to a rank from 1 to 4096") { (ranks: [String: ConfigValue]) in
            ranks.values.allSatisfy { $0.integer.map { (1...4096).contains($0) } ?? false }
        }
        section.about(
            "Ranks of modules by part of their name; the longest part that fits goes before linear and "
                + "audio_linear."
        )
        section.read("ranks", into: &given, rule, fix: "write {audio_attn1: 64, ff: 16}")
        ranks = given.compactMapValues(\.integer)
    }

    private mutating func readAlpha(from section: inout ConfigSection) {
        var alpha: Double?
        section.about("Older name of `linear_alpha`.")
        section.read("alpha", into: &alpha, .above(0))
        var linearAlpha: Double?
        section.about(
            "Numerator of the scale `linear_alpha / linear`; counts only with honor_linear_alpha."
        )
        section.read("linear_alpha", into: &linearAlpha, .above(0), otherwise: "the rank")
        section.about("Scale the update by linear_alpha / linear. ai-toolkit always scales by 1.")
        section.read("honor_linear_alpha", into: &honorLinearAlpha)
        self.linearAlpha = linearAlpha ?? alpha ?? Double(linear)
        if !honorLinearAlpha, self.linearAlpha != Double(linear) {
            section.warn(
                section.has("linear_alpha") ? "linear_alpha" : "alpha",
                "is not the rank \(linear), but the scale is 1, as in ai-toolkit",
                fix: "set honor_linear_alpha: true for a scale of alpha / rank"
            )
        }
    }

    private mutating func readDropout(from section: inout ConfigSection) {
        section.about("Share of elements zeroed behind the down projection while training.")
        section.read("dropout", into: &dropout, .within(0..<1), fix: "use 0 unless it overfits")
        section.about("Share of rank dimensions zeroed per item while training.")
        section.read(
            "rank_dropout",
            into: &rankDropout,
            .within(0..<1),
            fix: "use 0.1, or 0 for none"
        )
        section.about("Share of adapters skipped in a step.")
        section.read("module_dropout", into: &moduleDropout, .within(0..<1), fix: "use 0 for none")
    }

    private mutating func readLoKr(from section: inout ConfigSection) {
        section.about("LoKr: the second Kronecker factor is a full matrix.")
        section.read("lokr_full_rank", into: &lokrFullRank)
        section.about("LoKr: size of the first factor; -1 takes the most balanced one.")
        section.read(
            "lokr_factor",
            into: &lokrFactor,
            .that("that is -1 or above 0") { $0 == -1 || (1...65_536).contains($0) }
        )
    }

    private mutating func readChoice(from section: inout ConfigSection) {
        section.about("Modules with one of these in their name get no adapter.")
        section.read("ignore_if_contains", into: &ignoreIfContains)
        section.about("If given, only modules with one of these in their name get an adapter.")
        section.read("only_if_contains", into: &onlyIfContains, .notEmpty)
        section.about("Modules with one of these in their name get a full difference.")
        section.read("full_if_contains", into: &fullIfContains)
        section.about("Modules with fewer parameters get no adapter.")
        section.read("parameter_threshold", into: &parameterThreshold, .atLeast(0))
        readOuter("rank_dropout", into: &rankDropout, from: &section)
        readOuter("module_dropout", into: &moduleDropout, from: &section)
        section.rejectUnknownKeys()
    }

    /// ai-toolkit takes the two dropouts only here; the key of the network section wins.
    private func readOuter(
        _ key: String,
        into value: inout Double,
        from section: inout ConfigSection
    ) {
        var inner: Double?
        section.about("ai-toolkit's place for network.\(key), which wins where it is above 0.")
        section.read(key, into: &inner, .within(0..<1), fix: "use 0 for none")
        if value == 0, let inner { value = inner }
    }

    private func readUnused(from section: inout ConfigSection) {
        section.ignore(
            ["conv": nil, "conv_alpha": nil],
            because: "there are no convolutions in the transformer's blocks"
        )
        section.ignore(
            ["old_lokr_format": false],
            because: "both formats are read, the new one is written"
        )
        section.ignore(["split_multistage_loras": true], because: "there is one stage")
        section.ignore(["layer_offloading": false], because: "an adapter is small enough to stay")
        section.refuse(
            ["lorm"],
            because: "it belongs to other model families",
            fix: "remove the key"
        )
    }
}
