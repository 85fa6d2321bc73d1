/// An ai-toolkit run file as typed values, after its precedence rules: what a run is to do.
///
/// The keys of the first process are read straight from the file: `runFile.train.lr`.
@dynamicMemberLookup
public struct RunFile: Sendable, Equatable {
    /// `config.name`, or the name given instead: output folder and file stem.
    public var name: String
    /// Free values, copied into the metadata of checkpoints.
    public var meta: [String: ConfigValue]
    /// The first process.
    public var process: ProcessSection
    /// Processes that run one after another behind the first; nearly always none.
    public var furtherProcesses: [ProcessSection]
    /// Warnings and notes, sorted by line.
    public var diagnostics: [Diagnostic]
    /// The file as it is on disk, before environment variables are put in.
    public var originalText: String
    /// The file's name, for messages.
    public var fileName: String
    /// What presets set, and what of it the file overrides.
    public var presetValues: [PresetValue]
    /// Lines of the keys that the file gives, by path such as `train.lr`.
    var lines: [String: Int]

    /// Whether the file itself has a key, such as `datasets[0].do_audio`.
    public func gives(_ path: String) -> Bool { lines[path] != nil }

    /// Line of a key such as `train.lr`, or of its section, or 1.
    public func line(of path: String) -> Int {
        let section = path.split(separator: ".").dropLast().joined(separator: ".")
        return lines[path] ?? lines[section] ?? 1
    }

    /// All processes in their order.
    public var processes: [ProcessSection] { [process] + furtherProcesses }

    /// The keys of the first process.
    public subscript<Value>(dynamicMember keyPath: WritableKeyPath<ProcessSection, Value>) -> Value
    {
        get { process[keyPath: keyPath] }
        set { process[keyPath: keyPath] = newValue }
    }

    /// The keys that follow from others in the first process.
    public subscript<Value>(dynamicMember keyPath: KeyPath<ProcessSection, Value>) -> Value {
        process[keyPath: keyPath]
    }
}
