import Glibc

/// Which files of a model are needed, in one of several layouts.
public struct ModelFileSelection: Sendable, Equatable {
    /// One way in which a model may be laid out; patterns are those of a shell, `*` stops at `/`.
    public struct Layout: Sendable, Equatable {
        /// What the layout is called in a plan.
        public let name: String
        /// Each of these patterns must match at least one file.
        public let required: [String]
        /// Files that are taken if they are there.
        public let optional: [String]

        /// Describes a layout.
        public init(name: String, required: [String], optional: [String] = []) {
            self.name = name
            self.required = required
            self.optional = optional
        }
    }

    /// Tried in this order; the first that is complete is used.
    public let layouts: [Layout]

    /// Describes what is needed.
    public init(layouts: [Layout]) { self.layouts = layouts }

    /// An LTX-2 model: the dev checkpoint with all parts in one file, or the diffusers folders.
    ///
    /// Distilled and quantised checkpoints lie beside it under other names; they make no good base.
    public static let ltx = ModelFileSelection(layouts: [
        Layout(name: "single file", required: ["ltx-2*-dev.safetensors"]),
        Layout(
            name: "diffusers folders",
            required: ["transformer", "connectors", "vae", "audio_vae"].flatMap {
                ["\($0)/config.json", "\($0)/*.safetensors"]
            },
            optional: ["*/*.safetensors.index.json", "model_index.json", "scheduler/*.json"]
        ),
    ])

    /// A Gemma text encoder with its tokenizer: as folders of an LTX-2 model, or on its own.
    public static let gemma = ModelFileSelection(layouts: [
        Layout(
            name: "text encoder folders",
            required: [
                "text_encoder/config.json", "text_encoder/*.safetensors",
                "tokenizer/tokenizer.model",
            ],
            optional: ["text_encoder/*.json", "tokenizer/*.json"]
        ),
        Layout(
            name: "text encoder",
            required: ["config.json", "*.safetensors", "tokenizer.model"],
            optional: ["*.json"]
        ),
    ])

    /// The files of the first complete layout, sorted; `nil` if none is complete.
    ///
    /// Of files cut into shards, all shards must be there.
    func choose(from files: [String]) -> (layout: Layout, files: [String])? {
        let usable = files.filter { FilePolicy.refusal(of: $0) == nil && FilePolicy.staysBelow($0) }
        for layout in layouts where Self.missing(layout, in: usable).isEmpty {
            let patterns = layout.required + layout.optional
            let chosen = usable.filter { file in patterns.contains { Self.matches($0, file) } }
            guard ShardNames.missing(in: chosen).isEmpty else { continue }
            return (layout, chosen.sorted())
        }
        return nil
    }

    /// What the layout that is nearest to complete still lacks.
    func missing(in files: [String]) -> [String] {
        let lists = layouts.map { Self.missing($0, in: files) + ShardNames.missing(in: files) }
        return lists.min { $0.count < $1.count } ?? []
    }

    private static func missing(_ layout: Layout, in files: [String]) -> [String] {
        layout.required.filter { pattern in !files.contains { matches(pattern, $0) } }
    }

    private static func matches(_ pattern: String, _ file: String) -> Bool {
        fnmatch(pattern, file, FNM_PATHNAME | FNM_PERIOD) == 0
    }
}
