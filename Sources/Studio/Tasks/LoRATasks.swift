import Foundation
import HTTPTypes

/// What is in an adapter, alone or beside another.
struct InspectTask: TaskKind {
    static let name = "inspect"
    let file: String
    let second: String?

    func command(in scene: TaskScene) throws -> TaskCommand {
        let files = try ([file] + [second].compactMap(\.self)).map(scene.roots.existing)
        return TaskCommand(arguments: ["lora", "inspect"] + files + ["--json"])
    }
}

/// An adapter as files for face, voice and what joins them.
struct SplitTask: TaskKind {
    static let name = "split"
    let file: String
    /// Address of the folder and what the files' names begin with.
    let output: String

    func command(in scene: TaskScene) throws -> TaskCommand {
        let stem = try scene.roots.creatable(at: output)
        let file = try scene.roots.existing(file)
        return TaskCommand(arguments: ["lora", "split", file, "-o", stem], output: [stem])
    }
}

/// Several adapters as one.
struct MergeTask: TaskKind {
    /// One of them.
    struct Part: Decodable {
        let path: String
        let strengths: [String: Double]?
    }

    static let name = "merge"
    let files: [Part]
    let mode: String?
    let pathways: [String: String]?
    let strength: Double?
    let output: String

    func command(in scene: TaskScene) throws -> TaskCommand {
        let target = try scene.roots.creatable(at: output, endings: ["safetensors"])
        try Self.check(words: [mode].compactMap(\.self) + (pathways?.flatMap { [$0, $1] } ?? []))
        var arguments = ["lora", "merge", "--json", "-o", target]
        if let mode { arguments += ["--mode=\(mode)"] }
        if let strength { arguments += ["--strength=\(strength)"] }
        if let pathways, !pathways.isEmpty {
            let ways = pathways.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
            arguments += ["--pathway=\(ways.joined(separator: ","))"]
        }
        return TaskCommand(
            arguments: arguments + (try files.map { try shown($0, scene.roots) }),
            output: [target]
        )
    }

    /// `FILE:video=1,audio=0.5`.
    private func shown(_ part: Part, _ roots: Roots) throws -> String {
        let file = try roots.existing(part.path)
        // Always with a strength: a colon in the file's own name is not taken for one then.
        guard let strengths = part.strengths, !strengths.isEmpty else { return "\(file):1" }
        try Self.check(words: Array(strengths.keys))
        let list = strengths.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        return "\(file):\(list.joined(separator: ","))"
    }

    /// Words of the command's own language: nothing that could be taken for another option or file.
    private static func check(words: [String]) throws {
        for word in words where word.wholeMatch(of: /[a-z_]+(:[0-9.]+)?(:[a-z]+)?/) == nil {
            throw StudioError(
                .badRequest,
                "\"\(word.prefix(40))\"",
                "is no way or part of a merge",
                fix: "choose one of those that the page offers"
            )
        }
    }
}

extension Roots {
    /// The path that an address stands for, whose last part need not be there.
    func creatable(at address: String) throws -> String {
        let parts = address.split(separator: "/")
        let folder = parts.dropLast().joined(separator: "/")
        return try creatable(parts.last.map(String.init) ?? "", in: folder)
    }

    /// The same for a file of certain kinds: a task must not write over whatever else lies there.
    func creatable(at address: String, endings: [String]) throws -> String {
        let path = try creatable(at: address)
        guard endings.contains(ContentType.ending(of: path)) else {
            throw StudioError(
                .badRequest,
                "output",
                "\"\(address.suffix(60))\" should end in .\(endings.joined(separator: ", ."))",
                fix: "choose such a name"
            )
        }
        return path
    }
}
