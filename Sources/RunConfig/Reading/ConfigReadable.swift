/// A type that one key of a run file can have.
protocol ConfigReadable: Sendable, Equatable {
    /// For messages: "expected a whole number from 1 to 8".
    static var noun: String { get }
    /// For messages about lists of it: "a list of whole numbers".
    static var plural: String { get }
    /// The word in the schema.
    static var schemaType: String { get }
    /// The words that are accepted, for a type that is a choice.
    static var allowedValues: [String]? { get }

    /// `nil` where the node is of another type.
    init?(_ node: ConfigNode)

    /// For the default in the schema.
    var configValue: ConfigValue { get }
}

extension ConfigReadable {
    static var allowedValues: [String]? { nil }
}

extension ConfigNode {
    var scalarValue: ConfigValue? {
        if case .scalar = content { value } else { nil }
    }

    /// A scalar's text, quoted or not.
    var scalarText: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }
}

extension Bool: ConfigReadable {
    static let noun = "true or false"
    static let plural = "true or false"
    static let schemaType = "boolean"

    /// Quoted words count too: `"false"` meant false.
    init?(_ node: ConfigNode) {
        guard let text = node.scalarText, let value = YAMLScalar.value(of: text).bool else {
            return nil
        }
        self = value
    }

    var configValue: ConfigValue { .bool(self) }
}

extension Int: ConfigReadable {
    static let noun = "a whole number"
    static let plural = "whole numbers"
    static let schemaType = "integer"

    /// `3000.0` and `1e3` are whole too.
    init?(_ node: ConfigNode) {
        guard let text = node.scalarText, let value = YAMLScalar.number(text)?.integer else {
            return nil
        }
        self = value
    }

    var configValue: ConfigValue { .integer(self) }
}

extension Double: ConfigReadable {
    static let noun = "a number"
    static let plural = "numbers"
    static let schemaType = "number"

    init?(_ node: ConfigNode) {
        guard let text = node.scalarText, let value = YAMLScalar.number(text)?.double else {
            return nil
        }
        self = value
    }

    var configValue: ConfigValue { .number(self) }
}

extension String: ConfigReadable {
    static let noun = "text"
    static let plural = "texts"
    static let schemaType = "string"

    /// Numbers and truth values keep their spelling: a run may be called `007`.
    init?(_ node: ConfigNode) {
        guard let text = node.scalarText, !node.isNull else { return nil }
        self = text
    }

    var configValue: ConfigValue { .text(self) }
}

extension Array: ConfigReadable where Element: ConfigReadable {
    static var noun: String { "a list of \(Element.plural)" }
    static var plural: String { "lists of \(Element.plural)" }
    static var schemaType: String { "list of \(Element.schemaType)" }
    static var allowedValues: [String]? { Element.allowedValues }

    init?(_ node: ConfigNode) {
        guard case .list(let nodes) = node.content else { return nil }
        let elements = nodes.compactMap { Element($0) }
        guard elements.count == nodes.count else { return nil }
        self = elements
    }

    var configValue: ConfigValue { .list(map(\.configValue)) }
}

extension ConfigValue: ConfigReadable {
    static let noun = "a value"
    static let plural = "values"
    static let schemaType = "any"

    init?(_ node: ConfigNode) { self = node.value }

    var configValue: ConfigValue { self }
}

extension [String: ConfigValue]: ConfigReadable {
    static var noun: String { "a mapping of keys" }
    static var plural: String { "mappings of keys" }
    static var schemaType: String { "mapping" }

    init?(_ node: ConfigNode) {
        guard case .mapping(let values) = node.value else { return nil }
        self = values
    }

    var configValue: ConfigValue { .mapping(self) }
}
