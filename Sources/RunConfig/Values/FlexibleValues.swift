/// One value or a list of them: `resolution: 512` and `resolution: [512, 768]`.
struct OneOrMany<Element: ConfigReadable>: ConfigReadable {
    var elements: [Element]

    static var noun: String { "\(Element.noun) or a list of \(Element.plural)" }
    static var plural: String { Element.plural }
    static var schemaType: String { "\(Element.schemaType) or list of \(Element.schemaType)" }

    init(_ elements: [Element]) { self.elements = elements }

    init?(_ node: ConfigNode) {
        guard let elements = [Element](node) ?? Element(node).map({ [$0] }) else { return nil }
        self.elements = elements
    }

    var configValue: ConfigValue {
        elements.count == 1 ? elements[0].configValue : elements.configValue
    }
}

/// A truth value or a share: `true` is 1, `false` is 0.
struct Probability: ConfigReadable {
    var value: Double

    static let noun = "true, false or a number"
    static let plural = "numbers"
    static let schemaType = "boolean or number"

    init(_ value: Double) { self.value = value }

    init?(_ node: ConfigNode) {
        guard let value = Double(node) ?? Bool(node).map({ $0 ? 1 : 0 }) else { return nil }
        self.value = value
    }

    var configValue: ConfigValue { .number(value) }
}

/// A truth value or a word that means true and says more: `quantize: qfloat8`.
struct SwitchOrWord: ConfigReadable {
    var isOn: Bool
    var word: String?

    static let noun = "true, false or text"
    static let plural = "texts"
    static let schemaType = "boolean or string"

    init(isOn: Bool) { self.isOn = isOn }

    init?(_ node: ConfigNode) {
        guard let text = String(node) else { return nil }
        isOn = Bool(node) ?? true
        word = Bool(node) == nil ? text : nil
    }

    var configValue: ConfigValue { word.map(ConfigValue.text) ?? .bool(isOn) }
}

/// Text, or `false` for none, as ai-toolkit writes a missing negative prompt.
struct TextOrFalse: ConfigReadable {
    var text: String

    static let noun = "text"
    static let plural = "texts"
    static let schemaType = "string"

    init(_ text: String) { self.text = text }

    init?(_ node: ConfigNode) {
        guard let text = String(node) else { return nil }
        self.text = node.value == .bool(false) ? "" : text
    }

    var configValue: ConfigValue { .text(text) }
}
