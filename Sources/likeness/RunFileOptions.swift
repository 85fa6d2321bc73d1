import ArgumentParser
import Foundation
import RunConfig
import TrainingRun

/// What every command that reads a run file takes.
struct RunFileOptions: ParsableArguments {
    @Argument(
        help: "The run file (ai-toolkit YAML).",
        completion: .file(extensions: ["yaml", "yml"])
    )
    var runFile: String

    @Option(help: "Name of the run, instead of config.name.")
    var name: String?

    @Flag(help: "Let unknown keys of the run file pass with a warning.")
    var lenient = false

    func load() throws -> RunFile {
        try RunFile.load(
            path: runFile,
            environment: ProcessInfo.processInfo.environment,
            name: name,
            lenient: lenient
        )
    }
}

/// Runs a command's body; what it throws becomes a sentence on standard error and an exit code.
func reportingErrors(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as ExitCode {
        throw error
    } catch let error as ValidationError {
        standardError.write("error: \(error.message)\n")
        throw ExitCode(64)  // EX_USAGE: the command line
    } catch let error as ConfigError {
        standardError.write("\(error)\n")
        throw ExitCode(64)  // EX_USAGE: the run file
    } catch {
        standardError.write("error: \(error)\n")
        throw ExitCode(65)  // EX_DATAERR: weights, clips, state
    }
}

/// Prints text past the buffers of `print`, so that it keeps its place among live lines.
func show(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
}

/// Standard error as a text stream.
struct StandardError: TextOutputStream {
    func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}

let standardError = StandardError()
