/// Values as YAML in block style, or as JSON.
enum ValueWriter {
    /// A value as it stands behind a key or a dash: on the same line, or on lines below it.
    enum Shape {
        case inline(String)
        case below([String])
    }

    /// Lines below begin at the column `indentation`; `isBlockList` gives each item of a plain list its own line.
    static func shape(
        of node: ConfigNode,
        indentation: Int,
        isBlockList: Bool = false
    ) -> Shape {
        switch node.content {
        case .scalar(let text, let plain): .inline(scalar(text, isPlain: plain, inFlow: false))
        case .mapping(let entries):
            entries.isEmpty ? .inline("{}") : .below(entries.flatMap { lines($0, indentation) })
        case .list(let items):
            items.isEmpty ? .inline("[]") : list(items, indentation, isBlockList)
        }
    }

    /// `key: value` at a column, with all that belongs to it.
    static func lines(_ entry: ConfigNode.Entry, _ indentation: Int) -> [String] {
        let head = spaces(indentation) + scalar(entry.key, isPlain: false, inFlow: false) + ":"
        switch shape(of: entry.value, indentation: indentation + 2) {
        case .inline(let text): return [text.isEmpty ? head : "\(head) \(text)"]
        case .below(let lines): return [head] + lines
        }
    }

    /// `- value` at a column, with all that belongs to it.
    static func lines(item: ConfigNode, _ indentation: Int) -> [String] {
        switch shape(of: item, indentation: indentation + 2) {
        case .inline(let text):
            return [(spaces(indentation) + "- " + text).trimmedEnd]
        case .below(let lines):
            guard let first = lines.first else { return [] }
            return [spaces(indentation) + "- " + first.dropFirst(indentation + 2)]
                + lines.dropFirst()
        }
    }

    static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    private static func list(
        _ items: [ConfigNode],
        _ indentation: Int,
        _ isBlock: Bool
    ) -> Shape {
        let texts = items.map(flow)
        let text = "[" + texts.compactMap(\.self).joined(separator: ", ") + "]"
        guard isBlock || texts.contains(nil) || text.count > 80 else { return .inline(text) }
        return .below(items.flatMap { lines(item: $0, indentation) })
    }

    /// Scalars and lists of them on one line; nil for mappings.
    private static func flow(_ node: ConfigNode) -> String? {
        switch node.content {
        case .scalar(let text, let plain): return scalar(text, isPlain: plain, inFlow: true)
        case .mapping(let entries): return entries.isEmpty ? "{}" : nil
        case .list(let items):
            let texts = items.map(flow)
            guard !texts.contains(nil) else { return nil }
            return "[" + texts.compactMap(\.self).joined(separator: ", ") + "]"
        }
    }
}
