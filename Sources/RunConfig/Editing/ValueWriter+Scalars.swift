import Foundation

extension ValueWriter {
    /// A scalar's text, in quotes where it would not read as itself without them.
    static func scalar(_ text: String, isPlain: Bool, inFlow: Bool) -> String {
        if isPlain {
            if case .text = YAMLScalar.value(of: text) { return word(text, inFlow) }
            return text.isEmpty && inFlow ? "null" : text
        }
        guard case .text = YAMLScalar.value(of: text) else { return quoted(text) }
        return word(text, inFlow)
    }

    /// Letters first, and nothing that YAML gives a meaning; other readers take `y`, `n` and dates for more than text.
    private static func word(_ text: String, _ inFlow: Bool) -> String {
        let isWord =
            text.wholeMatch(
                of:
                    #/[A-Za-z_\/.][A-Za-z0-9_\/.+@=-]*(?: [A-Za-z0-9_\/.+@=-]+)*(?::[A-Za-z0-9_\/.-]+)?/#
            )
            != nil
        let isSafe = isWord && !["y", "n", "Y", "N"].contains(text) && !isSpecial(text)
        return isSafe ? text : quoted(text)
    }

    /// `.inf`, `.nan`, `...` and `=`.
    private static func isSpecial(_ text: String) -> Bool {
        text.hasPrefix("..") && text.allSatisfy { $0 == "." }
            || [".inf", ".nan"].contains(text.lowercased())
    }

    /// In double quotes, with JSON's escapes, which YAML has too.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case let other
            where other.value < 0x20 || (0x7f..<0xa0).contains(other.value)
                || [0x2028, 0x2029, 0xfeff].contains(other.value):
                result += "\\u" + String(format: "%04x", other.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A value as JSON, two columns to a level.
    static func json(_ node: ConfigNode, indentation: Int = 0) -> String {
        let inner = spaces(indentation + 2)
        switch node.content {
        case .scalar(let text, let plain): return json(scalar: text, plain)
        case .mapping(let entries):
            if entries.isEmpty { return "{}" }
            let lines = entries.map {
                "\(inner)\(quoted($0.key)): \(json($0.value, indentation: indentation + 2))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(spaces(indentation))}"
        case .list(let items):
            let isPlain = items.allSatisfy { if case .scalar = $0.content { true } else { false } }
            let texts = items.map { json($0, indentation: indentation + 2) }
            if isPlain { return "[\(texts.joined(separator: ", "))]" }
            let lines = texts.map { inner + $0 }
            return "[\n\(lines.joined(separator: ",\n"))\n\(spaces(indentation))]"
        }
    }

    /// Numbers keep their spelling where JSON has it too.
    private static func json(scalar text: String, _ isPlain: Bool) -> String {
        guard isPlain else { return quoted(text) }
        switch YAMLScalar.value(of: text) {
        case .text(let text): return quoted(text)
        case .integer, .number:
            let isJSON = text.wholeMatch(of: #/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/#) != nil
            return isJSON ? text : "\(YAMLScalar.value(of: text))"
        case let other: return "\(other)"
        }
    }
}
