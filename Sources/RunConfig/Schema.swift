/// One key of the run file, as the parser itself declares it: for forms, documentation, completion.
public struct SchemaEntry: Sendable, Equatable, Codable {
    /// What a key does in this program.
    public enum Status: String, Sendable, Codable, CaseIterable {
        /// It does what it says.
        case live
        /// ai-toolkit knows it; here it changes nothing.
        case acceptedWithoutEffect
        /// ai-toolkit knows it; here it is an error.
        case refused
    }

    /// Where it stands, such as `train.lr` or `datasets[].fps`; `process[]` is left out.
    public let path: String
    /// `boolean`, `integer`, `number`, `string`, `choice`, `mapping`, `section`, `list of …`, `any`.
    public let type: String
    /// The value of an absent key.
    public let `default`: ConfigValue
    /// Where the default depends on other keys: how.
    public let defaultNote: String?
    /// Whether the file must give it.
    public let isRequired: Bool
    /// What a message would say was expected: "a whole number from 1 to 1024".
    public let expected: String
    /// The accepted words, for a choice.
    public let allowedValues: [String]?
    /// One or two sentences.
    public let documentation: String
    /// Whether it does anything here.
    public let status: Status
}

extension RunFile {
    /// Every key of the run file, in the order of reading; made by the code that reads it.
    public static let schema: [SchemaEntry] = {
        let report = ConfigReport(file: "", isSchemaPass: true)
        var document = ConfigSection(root: nil, report: report)
        _ = JobDocument(from: &document, name: nil)
        return report.schema
    }()
}
