/// One file of a merge, with its strength as text: `0.8`, or `face=1,voice=0`.
public struct MergedFileSection: Equatable, Sendable {
    /// The file.
    public var path = ""
    /// How strongly it is wanted.
    public var strength = "1"
    /// Prompts that name its character; likeness lora calibrate runs them.
    public var prompts: [String] = []
    /// What a run saved of its layers' inputs.
    public var statistics: String?

    init(from section: inout ConfigSection) {
        section.about("A LoRA.")
        section.require("path", into: &path, .notEmpty, fix: "name a .safetensors file")
        section.about("How strongly it is wanted: a number, or by pathway, \"face=1,voice=0\".")
        section.read("strength", into: &strength, .notEmpty)
        section.about("Prompts with its trigger; likeness lora calibrate measures with them.")
        section.read("prompts", into: &prompts)
        section.about(
            "What its run saved for merging (save.merge_statistics); without it the file beside it."
        )
        section.read("statistics", into: &statistics, .notEmpty)
        section.rejectUnknownKeys()
    }

    init(path: String) { self.path = path }
}

/// What a merge job asks for, ai-toolkit's keys of the Omni-Merge included.
public struct MergeSection: Equatable, Sendable {
    /// The files in the order in which ways name them.
    public var files: [MergedFileSection] = []
    /// Where the result goes.
    public var output = ""
    /// The way to merge, such as `isolate:0.9`.
    public var mode = "sum"
    /// Other ways by pathway.
    public var pathways: [String: String] = [:]
    /// From 0, the exact sum, to 1.
    public var strength: Double?
    /// How directions are weighed where adapters are isolated.
    public var weighing = MergeWeighing.energy
    /// What is kept apart where adapters are isolated.
    public var side = MergeSide.input
    /// Over what loudness is compared where loud ones are damped.
    public var granularity = MergeGranularity.pathway
    /// What layers were seen to read.
    public var calibration: String?
    /// Weight of leaving other prompts alone.
    public var anchor = 0.1
    /// The base model's file, to add DoRAs.
    public var base: String?
    /// Rank for a LoKr with a whole second factor.
    public var kroneckerRank: Int?
    /// Type of the factors.
    public var dtype: ComputeDType?
    /// Spelling of the names; nil for that of the first file.
    public var dialect: MergeDialect?
    /// Where the report goes.
    public var report: String?
    /// Prompts that name no character.
    public var genericPrompts: [String] = []
    /// The model to measure with.
    public var model: ModelSection?

    private enum Kind: String, CaseIterable, ConfigChoice {
        case merge
        case orthogonal = "merge_orthogonal"
    }

    private static let ways = ["sum", "pick", "isolate", "protect", "damp", "calibrated"]

    init(from section: inout ConfigSection) {
        var kind = Kind.merge
        section.about(
            "What merges: `merge`, or ai-toolkit's `merge_orthogonal`, read as `isolate`."
        )
        section.read("type", into: &kind)
        readFiles(from: &section)
        readWays(from: &section, kind)
        section.about(
            "What layers were seen to read, by likeness lora calibrate; without it the file beside the output."
        )
        section.read("calibration", into: &calibration)
        section.about("Weight of leaving prompts alone that name no character.")
        section.read("anchor", into: &anchor, .atLeast(0))
        section.about("The base model, needed to add DoRAs.")
        section.read("base", into: &base)
        section.about("Rank for a LoKr whose second factor is whole.")
        section.read("lokr_rank", into: &kroneckerRank, .atLeast(1))
        section.about("Type of the factors in the file; without it that of the inputs.")
        section.read("dtype", into: &dtype)
        section.about("Spelling of the names; without it that of the first file.")
        section.read("dialect", into: &dialect)
        section.about("An HTML file for the report.")
        section.read("report", into: &report)
        section.about("Prompts that name no character; likeness lora calibrate measures with them.")
        section.read("generic_prompts", into: &genericPrompts)
        section.about("The model that likeness lora calibrate measures with.")
        if var part = section.section("model") { model = ModelSection(from: &part) }
        section.ignore(["device": "cpu"], because: "merging runs on the processor")
        section.rejectUnknownKeys()
    }

    private mutating func readFiles(from section: inout ConfigSection) {
        section.about("The files to merge, two or more.")
        for var entry in section.sections("loras") { files.append(MergedFileSection(from: &entry)) }
        for key in ["lora_1_path", "lora_2_path"] {
            var path: String?
            section.about("A file to merge, as ai-toolkit names it.")
            section.read(key, into: &path, .notEmpty)
            if let path { files.append(MergedFileSection(path: path)) }
        }
        if files.isEmpty, !section.has("loras") {
            section.missing(
                "loras",
                expected: "a list of files",
                fix: "add \"- path: a.safetensors\""
            )
        }
        var seed: String?
        section.about("Where the result goes, as ai-toolkit names it.")
        section.read("output_path", into: &seed, .notEmpty)
        section.about("Where the result goes.")
        section.read("output", into: &output, .notEmpty)
        if let seed, output.isEmpty { output = seed }
        if output.isEmpty {
            section.missing("output", expected: "a file", fix: "name a .safetensors file")
        }
    }

    private mutating func readWays(from section: inout ConfigSection, _ kind: Kind) {
        if kind == .orthogonal { mode = "isolate" }
        let way = Rule<String>.that("such as sum, pick:2, isolate:0.9, protect:1, damp, calibrated")
        {
            text in Self.ways.contains(String(text.prefix { $0 != ":" }))
        }
        section.about("The way to merge: sum, pick:N, isolate, protect:N, damp or calibrated.")
        section.read("mode", into: &mode, way)
        section.about(
            "Other ways by pathway: video, audio, audio_to_video, video_to_audio, other, face, voice."
        )
        var modes: [String: ConfigValue] = [:]
        section.read("pathways", into: &modes)
        for (name, value) in modes {
            guard case .text(let text) = value, way.accepts(text) else {
                section.error(
                    "pathways",
                    "\(name) is no way to merge",
                    fix: "write \(name): isolate"
                )
                continue
            }
            pathways[name] = text
        }
        section.about("How isolate and protect weigh directions.")
        section.read("weighing", into: &weighing)
        section.about("What isolate keeps apart.")
        section.read("side", into: &side)
        section.about("What damp compares: single columns, layers, pathways or whole files.")
        section.read("granularity", into: &granularity)
        section.about("From 0, the exact sum, to 1.")
        section.read("strength", into: &strength, .within(0...1))
        var share: Double?
        section.about("ai-toolkit's slider; read as the strength of the isolation.")
        section.read("dare_drop_rate", into: &share, .within(0...1))
        guard let share else { return }
        section.note(
            "dare_drop_rate",
            "is read as the strength of the isolation; nothing is dropped by chance"
        )
        if strength == nil { strength = share }
    }
}
