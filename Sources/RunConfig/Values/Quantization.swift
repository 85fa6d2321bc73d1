/// How the weights of a frozen model are stored.
public enum QuantizationFormat: String, Sendable, Codable, CaseIterable {
    /// 8-bit floating point with a scale per row.
    case float8
    /// 8-bit whole numbers with a scale per row.
    case int8
    /// 4-bit whole numbers with a scale per group.
    case int4
    /// 4-bit codes at the quantiles of a normal distribution.
    case nf4
}

/// `quantize` and `qtype` of one model, resolved.
public struct Quantization: Sendable, Equatable {
    /// The name as the run file has it.
    public var qtype: String
    /// What it becomes here.
    public var format: QuantizationFormat

    /// A name and what it becomes.
    public init(qtype: String, format: QuantizationFormat) {
        self.qtype = qtype
        self.format = format
    }
}

extension Quantization {
    /// Names that mean exactly one of our formats.
    static let exact: [String: QuantizationFormat] = [
        "qfloat8": .float8, "qfloat8_e4m3fn": .float8, "float8": .float8, "fp8": .float8,
        "qint8": .int8, "int8": .int8, "qint4": .int4, "int4": .int4, "uint4": .int4, "nf4": .nf4,
    ]

    /// Names of formats that are not here, with the nearest that is not narrower.
    static let nearest: [String: QuantizationFormat] = [
        "qfloat8_e4m3fnuz": .float8, "qfloat8_e5m2": .float8, "uint8": .int8, "uint7": .int8,
        "uint6": .int8, "uint5": .int8, "uint3": .int4, "convrot8": .int8, "convrotint8": .int8,
        "convrotint7": .int8, "convrotint6": .int8, "convrotint5": .int8, "convrotint4": .int4,
        "convrotint3": .int4, "convrot4": .int4, "convrotcomfyw4a4": .int4, "nvfp4": .int4,
        "orbit4": .int4, "orbit3": .int4, "orbitvq4": .int4, "orbitvq3": .int4,
    ]

    /// Two bits and less: too coarse for a base that an adapter trains on.
    static let refused = [
        "qint2", "uint2", "convrotint2", "convrotbitnet", "orbit2", "orbitvq2",
    ]

    /// What a name such as `int8` means; nil for an unknown one.
    public init?(named name: String) {
        guard let format = Self.exact[name.lowercased()] else { return nil }
        self.init(qtype: name.lowercased(), format: format)
    }

    /// Everything that is accepted, for messages and the schema.
    static let names = (Array(exact.keys) + Array(nearest.keys)).sorted()
}

/// A `qtype` as written: a name, and after `|` an accuracy recovery adapter.
struct QuantizationName: ConfigReadable {
    var text: String

    static let noun = "a quantisation such as qfloat8, int8, int4 or nf4"
    static let plural = "quantisations"
    static let schemaType = "choice"
    static var allowedValues: [String]? { Quantization.names }

    init(_ text: String) { self.text = text }

    /// Empty text means none; what is too coarse gets its own message, once it is asked for.
    init?(_ node: ConfigNode) {
        guard let text = node.scalarText?.lowercased() else { return nil }
        self.text = text
        guard name.isEmpty || format != nil || Quantization.refused.contains(name) else {
            return nil
        }
    }

    var name: String { String(text.split(separator: "|", maxSplits: 1).first ?? "") }
    var hasRecoveryAdapter: Bool { text.contains("|") }
    var format: QuantizationFormat? { Quantization.exact[name] ?? Quantization.nearest[name] }
    var isExact: Bool { Quantization.exact[name] != nil }
    var configValue: ConfigValue { .text(text) }
}
