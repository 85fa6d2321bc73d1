import Foundation

extension RunFile {
    /// Reads and checks a run file.
    ///
    /// - Parameters:
    ///   - path: a `.yaml`, `.yml` or `.json` file.
    ///   - environment: for `${VAR}` in the text.
    ///   - name: stands in for `config.name`.
    ///   - lenient: unknown keys are warnings.
    /// - Returns: the run, with warnings and notes in `diagnostics`.
    /// - Throws: every error of the file at once.
    public static func load(
        path: String,
        environment: [String: String],
        name: String? = nil,
        lenient: Bool = false
    ) throws(ConfigError) -> RunFile {
        let url = URL(fileURLWithPath: path)
        guard ["yaml", "yml", "json"].contains(url.pathExtension.lowercased()) else {
            throw fault(
                path,
                "not a run file by its name, expected .yaml, .yml or .json",
                fix: "rename it"
            )
        }
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw fault(path, "cannot be read", fix: "check that the file exists and may be read")
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw fault(path, "not text in UTF-8", fix: "save the file as UTF-8")
        }
        return try parse(
            text: text,
            fileName: path,
            environment: environment,
            name: name,
            lenient: lenient
        )
    }

    /// Checks the text of a run file; JSON is read as the YAML that it also is.
    ///
    /// Takes what `load` takes, with the text in place of the path.
    ///
    /// - Throws: every error of the text at once.
    public static func parse(
        text: String,
        fileName: String,
        environment: [String: String] = [:],
        name: String? = nil,
        lenient: Bool = false
    ) throws(ConfigError) -> RunFile {
        let report = ConfigReport(file: fileName, isLenient: lenient)
        let root = try readTree(text, environment: environment, report: report)
        var section = ConfigSection(root: root, report: report)
        let document = JobDocument(from: &section, name: name)
        guard !report.hasErrors, let process = document.processes.first else {
            throw ConfigError(report.diagnostics)
        }
        return RunFile(
            name: document.name,
            meta: document.meta,
            process: process,
            furtherProcesses: Array(document.processes.dropFirst()),
            diagnostics: report.diagnostics.sortedByLine(),
            originalText: text,
            fileName: fileName,
            presetValues: report.presetValues,
            lines: report.lines
        )
    }

    /// Text to a mapping; a fault here ends the reading, as nothing else can be known.
    static func readTree(
        _ text: String,
        environment: [String: String],
        report: ConfigReport
    ) throws(ConfigError) -> ConfigNode {
        let isJSON = report.file.lowercased().hasSuffix(".json")
        let plain = isJSON ? JSONText.joiningSurrogates(in: text) : text
        let unified = plain.replacing("\r\n", with: "\n")
        let (substituted, faults) = EnvironmentVariables.substitute(in: unified, from: environment)
        for fault in faults {
            report.add(.error, Place(path: "", line: fault.line), fault.message, fix: fault.fix)
        }
        let root: ConfigNode?
        do {
            root = try YAMLReader.read(substituted)
        } catch {
            report.add(.error, Place(path: "", line: error.line), error.message, fix: error.fix)
            throw ConfigError(report.diagnostics)
        }
        let start = Place(path: "", line: root?.line ?? 1)
        guard let root else {
            report.add(.error, start, "the file is empty", fix: "begin with \"job: extension\"")
            throw ConfigError(report.diagnostics)
        }
        guard case .mapping = root.content else {
            let message = "got \(root.shown), expected a mapping with job and config"
            report.add(.error, start, message, fix: "begin with \"job: extension\"")
            throw ConfigError(report.diagnostics)
        }
        return root
    }

    private static func fault(_ path: String, _ message: String, fix: String) -> ConfigError {
        ConfigError([
            Diagnostic(
                severity: .error,
                file: path,
                line: 1,
                path: "",
                message: message,
                fix: fix
            )
        ])
    }
}
