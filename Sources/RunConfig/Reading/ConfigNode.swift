/// A piece of a run file with its line: what the YAML reader hands to the sections.
struct ConfigNode {
    enum Content {
        /// `plain` is false for a quoted or block scalar, which is always text.
        case scalar(String, plain: Bool)
        case list([ConfigNode])
        case mapping([Entry])
    }

    struct Entry {
        let key: String
        let line: Int
        var value: ConfigNode
    }

    let line: Int
    var content: Content

    /// The value with YAML 1.1's reading of plain scalars, as ai-toolkit's loader has it.
    var value: ConfigValue {
        switch content {
        case .scalar(let text, plain: true): YAMLScalar.value(of: text)
        case .scalar(let text, plain: false): .text(text)
        case .list(let nodes): .list(nodes.map(\.value))
        case .mapping(let entries):
            .mapping(Dictionary(entries.map { ($0.key, $0.value.value) }) { $1 })
        }
    }

    var isNull: Bool {
        guard case .scalar(let text, plain: true) = content else { return false }
        return YAMLScalar.value(of: text) == .null
    }

    /// The value under a key; nil if there is none, or this is no mapping.
    func child(_ key: String) -> ConfigNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.last { $0.key == key }?.value
    }

    /// What the reader of a message would recognise: the text in quotes, or the kind of thing.
    var shown: String {
        switch content {
        case .scalar(let text, let plain):
            switch plain ? YAMLScalar.value(of: text) : .text(text) {
            case .text: "\"\(text.prefix(60))\(text.count > 60 ? "…" : "")\""
            case .null: "nothing"
            default: String(text.prefix(60))
            }
        case .list: "a list"
        case .mapping: "a mapping of keys"
        }
    }

    /// Replaces a tag in every text below, as ai-toolkit does with `[name]`.
    func replacing(_ tag: String, with text: String) -> ConfigNode {
        var copy = self
        switch content {
        case .scalar(let old, let plain):
            guard old.contains(tag) else { return self }
            copy.content = .scalar(old.replacing(tag, with: text), plain: plain)
        case .list(let nodes):
            copy.content = .list(nodes.map { $0.replacing(tag, with: text) })
        case .mapping(let entries):
            copy.content = .mapping(
                entries.map { entry in
                    Entry(
                        key: entry.key,
                        line: entry.line,
                        value: entry.value.replacing(tag, with: text)
                    )
                }
            )
        }
        return copy
    }
}
