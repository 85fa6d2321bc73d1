import Foundation

/// What a task's process printed and made, as JSON for pages.
struct TaskOutcome {
    let output: Data
    let lines: [String]
    let command: TaskCommand
    let roots: Roots

    /// What the program printed as JSON, with the files it made beside; else its lines.
    var result: String {
        let printed = (try? JSONSerialization.jsonObject(with: output)) as? [String: Any]
        var found = printed ?? ["lines": output.isEmpty ? lines : outputLines]
        if !files.isEmpty {
            found["files"] = files
            // Files that are made beside it have longer names.
            found["output"] = files.min { $0.count < $1.count }
        }
        return Self.text(found)
    }

    private var outputLines: [String] {
        String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// What the program said before it failed, in the shape of `ErrorAnswer`.
    var fault: String {
        let said = lines.suffix(12).joined(separator: "\n")
        let message = said.isEmpty ? "the program ended without a word" : said
        return Self.text(["where": command.arguments.first ?? "", "message": message, "fix": ""])
    }

    /// Addresses of the files whose paths begin as the command says.
    private var files: [String] {
        command.output.flatMap { stem -> [String] in
            let folder = (stem as NSString).deletingLastPathComponent
            let beginning = (stem as NSString).lastPathComponent
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.sorted().filter { $0.hasPrefix(beginning) }
                .compactMap { roots.address(of: "\(folder)/\($0)") }
        }
    }

    private static func text(_ object: [String: Any]) -> String {
        let data = try? JSONSerialization.data(
            withJSONObject: object,
            options: [.sortedKeys, .withoutEscapingSlashes]
        )
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
