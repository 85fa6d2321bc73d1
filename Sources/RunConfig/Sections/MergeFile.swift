/// A merge job: `job: MergeJob`.
public struct MergeFile: Equatable, Sendable {
    /// `config.name`.
    public var name = ""
    /// The merges, one after another.
    public var merges: [MergeSection] = []
    /// Warnings and notes, by line.
    public var diagnostics: [Diagnostic] = []

    private enum Job: String, CaseIterable, ConfigChoice {
        case merge = "MergeJob"
        static let aliases = ["mergejob": Job.merge, "merge": Job.merge]

        init?(_ node: ConfigNode) {
            guard let word = node.scalarText?.lowercased(), let job = Self.aliases[word] else {
                return nil
            }
            self = job
        }
    }

    init(from section: inout ConfigSection) {
        var job = Job.merge
        section.about("Kind of job: `MergeJob`.")
        section.require("job", into: &job, fix: "write \"job: MergeJob\"")
        section.about("What is to be done.")
        if var config = section.section("config", isRequired: true) {
            config.about("Name of the job.")
            config.read("name", into: &name)
            config.replace("[name]", with: name)
            config.about("The merges, one after another.")
            for var entry in config.sections("process", isRequired: true) {
                merges.append(MergeSection(from: &entry))
            }
            config.rejectUnknownKeys()
        }
        section.ignore(["meta": [:]], because: "a merged file tells of its sources by itself")
        section.rejectUnknownKeys()
    }

    /// Checks the text of a merge job.
    ///
    /// - Throws: every error of the text at once.
    public static func parse(
        text: String,
        fileName: String,
        environment: [String: String] = [:]
    ) throws(ConfigError) -> MergeFile {
        let report = ConfigReport(file: fileName, isLenient: false)
        let root = try RunFile.readTree(text, environment: environment, report: report)
        var section = ConfigSection(root: root, report: report)
        var file = MergeFile(from: &section)
        guard !report.hasErrors else { throw ConfigError(report.diagnostics) }
        file.diagnostics = report.diagnostics.sortedByLine()
        return file
    }
}
