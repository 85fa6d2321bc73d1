/// One thing to say about a run file: where, what is, what should be, what to do.
public struct Diagnostic: Sendable, Equatable, Codable, CustomStringConvertible {
    /// How much a diagnostic matters.
    public enum Severity: String, Sendable, Codable, CaseIterable {
        /// The file cannot be run as it is.
        case error
        /// The file runs, but likely not as its author thinks.
        case warning
        /// Worth knowing; nothing to do.
        case note
    }

    /// How much it matters.
    public var severity: Severity
    /// Name of the run file, as it was given.
    public var file: String
    /// Line in that file, counted from 1.
    public var line: Int
    /// The key, such as `train.lr_scheduler` or `datasets[0].fps`; empty for the file as a whole.
    public var path: String
    /// What is, and what was expected.
    public var message: String
    /// What to do about it; may be empty.
    public var fix: String

    /// A diagnostic for one line of a run file.
    public init(
        severity: Severity,
        file: String,
        line: Int,
        path: String,
        message: String,
        fix: String = ""
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.path = path
        self.message = message
        self.fix = fix
    }

    /// Reads `job.yaml:14: train.lr_schedular: unknown key; did you mean "lr_scheduler"?`.
    public var description: String {
        let mark = severity == .error ? "" : "\(severity.rawValue): "
        let place = path.isEmpty ? "" : "\(path): "
        return "\(file):\(line): \(mark)\(place)\(message)\(fix.isEmpty ? "" : "; \(fix)")"
    }
}

/// Why a run file cannot be used: every error that was found, in the order of its lines.
public struct ConfigError: Error, Sendable, Equatable, CustomStringConvertible {
    /// All that was found, sorted by line: errors, and the warnings and notes beside them.
    public let diagnostics: [Diagnostic]

    /// Sorts the findings by line.
    public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics.sortedByLine() }

    /// The errors alone, sorted by line.
    public var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }

    /// One line per error.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}

extension [Diagnostic] {
    /// By line; what stands on one line keeps the order in which it was found.
    func sortedByLine() -> [Diagnostic] {
        enumerated()
            .sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
            .map(\.element)
    }
}
