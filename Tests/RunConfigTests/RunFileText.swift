import Foundation
import RunConfig
import Testing

/// A small valid run file whose sections a test replaces one at a time.
struct RunFileText {
    var top = "job: extension"
    var name = "test"
    var process = ["type: sd_trainer", "training_folder: out"]
    var network: [String] = ["type: lora", "linear: 8"]
    var save: [String] = []
    var dataset: [String] = ["folder_path: clips", "num_frames: 9"]
    var train: [String] = ["steps: 5"]
    var model: [String] = ["name_or_path: tiny"]
    var sample: [String] = []

    var text: String {
        var lines = [top, "config:", "  name: \(name)", "  process:"]
        for (index, line) in process.enumerated() {
            lines.append((index == 0 ? "    - " : "      ") + line)
        }
        for (key, section) in [("network", network), ("save", save), ("train", train)] {
            lines += Self.section(key, section)
        }
        lines += Self.section("model", model) + Self.section("sample", sample)
        if !dataset.isEmpty {
            lines.append("      datasets:")
            for (index, line) in dataset.enumerated() {
                let isItem = index == 0 || line.hasPrefix("- ")
                lines.append((isItem ? "        - " : "          ") + line.trimmingPrefix("- "))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Puts in lines of the process itself, in place of what they stand for.
    mutating func replaceProcess(with lines: [String]) {
        for line in lines {
            switch line.prefix(while: { $0 != ":" }) {
            case "type": process.removeFirst()
            case "train": train = []
            case "datasets": dataset = []
            default: break
            }
        }
        process += lines
    }

    private static func section(_ key: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["      \(key):"] + lines.map { "        \($0)" }
    }

    func parse(
        environment: [String: String] = [:],
        lenient: Bool = false
    ) throws(ConfigError) -> RunFile {
        try RunFile.parse(
            text: text,
            fileName: "job.yaml",
            environment: environment,
            lenient: lenient
        )
    }

    /// What is said about the file, without file name and line.
    var messages: [String] {
        let found: [Diagnostic]
        do {
            found = try parse().diagnostics
        } catch {
            found = error.diagnostics
        }
        return found.map(\.description).map { $0.replacing(#/^job\.yaml:\d+: /#, with: "") }
    }
}

enum Fixture {
    static func path(_ name: String) throws -> String {
        try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)).path
    }

    static func load(_ name: String) throws -> RunFile {
        try RunFile.load(path: path(name), environment: [:])
    }
}
