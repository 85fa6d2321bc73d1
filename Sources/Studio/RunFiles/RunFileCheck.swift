import Foundation
public import RunConfig

/// What can be said about a run file's text without looking at clips or models.
public struct RunFileCheck: Encodable, Sendable, Equatable {
    /// Errors, warnings and notes, by line.
    public let diagnostics: [Diagnostic]
    /// What the text gives, by path.
    public let values: [String: ConfigValue]

    /// Reads a text as the command line would; `${VAR}` are those of the server.
    public init(_ text: String, fileName: String? = nil) {
        values = RunFile.values(in: text)
        do {
            diagnostics = try RunFile.parse(
                text: text,
                fileName: fileName ?? "run.yaml",
                environment: ProcessInfo.processInfo.environment
            ).diagnostics
        } catch {
            diagnostics = error.diagnostics
        }
    }
}
