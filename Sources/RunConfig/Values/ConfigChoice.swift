/// A key whose value is one of a few words.
protocol ConfigChoice: ConfigReadable, RawRepresentable<String>, CaseIterable {
    /// Other spellings that mean one of the cases, in lower case.
    static var aliases: [String: Self] { get }
}

extension ConfigChoice {
    static var aliases: [String: Self] { [:] }
    static var noun: String { "one of \(allCases.map(\.rawValue).joined(separator: ", "))" }
    static var plural: String { noun }
    static var schemaType: String { "choice" }
    static var allowedValues: [String]? { allCases.map(\.rawValue) }

    init?(_ node: ConfigNode) {
        guard let word = node.scalarText?.lowercased() else { return nil }
        guard let choice = Self(rawValue: word) ?? Self.aliases[word] else { return nil }
        self = choice
    }

    var configValue: ConfigValue { .text(rawValue) }
}
