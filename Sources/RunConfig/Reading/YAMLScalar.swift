/// How a plain scalar reads: YAML 1.1 words for truth, and floats such as `1e-4` without a dot.
enum YAMLScalar {
    static func value(of text: String) -> ConfigValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
        default: return number(text) ?? .text(text)
        }
    }

    /// A number in decimal notation, with YAML 1.1's underscores; `nil` for text, NaN and infinity.
    static func number(_ text: String) -> ConfigValue? {
        guard let first = text.first, first.isASCII, first.isNumber || "+-.".contains(first) else {
            return nil
        }
        let digits = text.replacing("_", with: "")
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }) else {
            return nil
        }
        if let whole = Int(digits) { return .integer(whole) }
        guard let number = Double(digits), number.isFinite else { return nil }
        return .number(number)
    }
}
