import ArgumentParser
import Foundation
import RunConfig

/// `schema`: every key of the run file.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "List every key of the run file with its default and meaning."
    )

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        guard json else {
            for entry in RunFile.schema { print(line(entry)) }
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(RunFile.schema), as: UTF8.self))
    }

    private func line(_ entry: SchemaEntry) -> String {
        let fallback =
            entry.isRequired ? "required" : entry.defaultNote ?? "default \(entry.default)"
        let status = entry.status == .live ? "" : " [\(entry.status.rawValue)]"
        return "\(entry.path): \(entry.type), \(fallback)\(status)\n    \(entry.documentation)"
    }
}
