import ArgumentParser
import Foundation
import LoRATools

/// `lora inspect`: what a file is and what it does to which part of the model.
struct LoRAInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show kind, rank, names, base model and how strongly each part is changed.",
        discussion: """
            Norms are of the change of each matrix, alpha included; of a DoRA those of its low-rank part. \
            With a second file it is told whether both began with the same random matrix, and how much \
            their changes overlap.

            Example: likeness lora inspect anna.safetensors ben.safetensors
            """
    )

    @Argument(help: "An adapter file.", completion: .file(extensions: ["safetensors"]))
    var file: String

    @Argument(help: "A second one to compare with.", completion: .file(extensions: ["safetensors"]))
    var second: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let (file, second, json) = (file, second, json)
        try await runningTool { progress in
            let files = try ([file] + [second].compactMap(\.self)).map(LoRAFile.init(path:))
            let reports = try files.map { file in
                try LoRAReport(file) { progress.show("reading \(file.path)", $0, of: $1) }
            }
            let comparison =
                files.count == 2 ? try LoRAComparison(files[0], files[1]) : nil
            if json {
                progress.write(try Self.encoded(Inspection(files: reports, comparison: comparison)))
            } else {
                let texts =
                    reports.map { LoRAReportText($0).text }
                    + [comparison.map { LoRAComparisonText($0).text }].compactMap(\.self)
                progress.write(texts.joined(separator: "\n\n"))
            }
        }
    }

    private struct Inspection: Encodable {
        let files: [LoRAReport]
        let comparison: LoRAComparison?
    }

    private static func encoded(_ inspection: Inspection) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(inspection), as: UTF8.self)
    }
}
