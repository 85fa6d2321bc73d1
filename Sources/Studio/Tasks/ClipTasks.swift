import Foundation

/// A part of a clip, as a file beside it.
struct TrimTask: TaskKind {
    static let name = "trim"
    let clip: String
    /// Seconds after the first picture.
    let from: Double
    let to: Double?

    func command(in scene: TaskScene) throws -> TaskCommand {
        let file = try scene.roots.changeable(clip)
        let times = ["--from=\(from)"] + (to.map { ["--to=\($0)"] } ?? [])
        return TaskCommand(arguments: ["clip", "trim", file, "--json"] + times)
    }
}

/// A clip as several, files beside it.
struct SplitClipTask: TaskKind {
    /// What a clip is split by.
    enum Rule: String, Decodable { case silence, scene }

    static let name = "split-clip"
    let clip: String
    let by: Rule
    /// Lengths of the pieces in seconds; the command's own without.
    let min: Double?
    let max: Double?

    func command(in scene: TaskScene) throws -> TaskCommand {
        let file = try scene.roots.changeable(clip)
        let lengths =
            (min.map { ["--min=\($0)"] } ?? []) + (max.map { ["--max=\($0)"] } ?? [])
        return TaskCommand(
            arguments: ["clip", "split", file, "--by=\(by.rawValue)", "--json"] + lengths
        )
    }
}
