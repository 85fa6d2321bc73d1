/// What the sections find while they are read; one per file.
final class ConfigReport {
    let file: String
    let isLenient: Bool
    /// Collects declarations instead of values: every optional section is then visited.
    let isSchemaPass: Bool

    private(set) var diagnostics: [Diagnostic] = []
    private(set) var schema: [SchemaEntry] = []
    /// Lines of the keys that the file gives, by path.
    private(set) var lines: [String: Int] = [:]
    /// What stands for keys that the process being read does not give.
    var preset: AppliedPreset?
    /// What the preset set, in the order in which keys were read.
    var presetValues: [PresetValue] = []
    private var noted: Set<String> = []

    init(file: String, isLenient: Bool = false, isSchemaPass: Bool = false) {
        self.file = file
        self.isLenient = isLenient
        self.isSchemaPass = isSchemaPass
    }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    func add(_ severity: Diagnostic.Severity, _ place: Place, _ message: String, fix: String) {
        diagnostics.append(
            Diagnostic(
                severity: severity,
                file: file,
                line: place.line,
                path: place.path,
                message: message,
                fix: fix
            )
        )
    }

    /// A note or warning that many entries of a list would repeat; only the first one counts.
    func addOnce(_ severity: Diagnostic.Severity, _ place: Place, _ message: String, fix: String) {
        guard noted.insert("\(place.schemaPath) \(message)").inserted else { return }
        add(severity, place, message, fix: fix)
    }

    func declare(_ entry: SchemaEntry) {
        if isSchemaPass { schema.append(entry) }
    }

    func remember(_ place: Place) { lines[place.path] = place.line }
}

/// Where something stands: the key's path, and its line.
struct Place {
    let path: String
    let line: Int

    /// `datasets[].fps` for `datasets[3].fps`.
    var schemaPath: String { path.replacing(#/\[\d+\]/#, with: "[]") }
}
