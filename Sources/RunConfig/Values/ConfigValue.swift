/// A value of a run file whose type is not fixed by the schema: optimizer parameters, `meta`, defaults.
public enum ConfigValue: Sendable {
    /// No value.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case integer(Int)
    /// A finite number.
    case number(Double)
    /// Text.
    case text(String)
    /// Values in order.
    case list([ConfigValue])
    /// Values by key.
    case mapping([String: ConfigValue])

    /// The number, if it is one, whole or not.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The whole number, if it is one.
    public var integer: Int? {
        if case .integer(let value) = self { return value }
        return double.flatMap(Int.init(exactly:))
    }

    /// The truth value, if it is one.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The text, if it is one.
    public var text: String? {
        if case .text(let value) = self { value } else { nil }
    }

    /// Whether the value asks for nothing: null, false, or empty.
    var isInert: Bool {
        switch self {
        case .null, .bool(false), .text(""): true
        case .list(let values): values.isEmpty
        case .mapping(let values): values.isEmpty
        default: false
        }
    }

    /// The word for its type in the schema.
    var schemaType: String {
        switch self {
        case .null: "any"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .text: "string"
        case .list: "list"
        case .mapping: "mapping"
        }
    }
}

extension ConfigValue: Hashable {
    /// Equal, where `1` and `1.0` are one value, as in YAML and JSON.
    public static func == (left: ConfigValue, right: ConfigValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.text(let left), .text(let right)): left == right
        case (.list(let left), .list(let right)): left == right
        case (.mapping(let left), .mapping(let right)): left == right
        default: left.double.map { $0 == right.double } ?? false
        }
    }

    /// Equal values have equal hashes.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .integer, .number: hasher.combine(double)
        case .text(let value): hasher.combine(value)
        case .list(let values): hasher.combine(values)
        case .mapping(let values): hasher.combine(values)
        }
    }
}

extension ConfigValue: Codable {
    /// Reads any JSON value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([ConfigValue].self) {
            self = .list(value)
        } else {
            self = .mapping(try container.decode([String: ConfigValue].self))
        }
    }

    /// Writes the plain JSON value, without the name of the case.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .mapping(let value): try container.encode(value)
        }
    }
}

extension ConfigValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// Text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// No value.
    public init(nilLiteral: ()) { self = .null }
    /// Values in order.
    public init(arrayLiteral elements: ConfigValue...) { self = .list(elements) }
    /// Values by key; the last of equal keys counts.
    public init(dictionaryLiteral elements: (String, ConfigValue)...) {
        self = .mapping(Dictionary(elements) { $1 })
    }
}

extension ConfigValue: CustomStringConvertible {
    /// As it would stand in a run file: `null`, `true`, `1e-06`, `"text"`, `[1, 2]`, `{a: 1}`.
    public var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): "\"\(value)\""
        case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
        case .mapping(let values):
            "{\(values.sorted { $0.key < $1.key }.map { "\($0): \($1)" }.joined(separator: ", "))}"
        }
    }
}
