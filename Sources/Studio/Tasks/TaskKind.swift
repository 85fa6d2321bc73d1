import Foundation
import RunStore

/// Something that this program does in a process of its own and that ends by itself.
///
/// A crash there, or memory that runs out, leaves the server alone.
protocol TaskKind: Decodable, Sendable {
    /// What pages call it.
    static var name: String { get }

    /// What the program is told; arguments are made here, never by a shell or by a page.
    ///
    /// - Throws: `StudioError` for files outside the roots.
    func command(in scene: TaskScene) throws -> TaskCommand
}

/// How a task is run, and what is made of its end.
struct TaskCommand {
    /// What the program is told.
    let arguments: [String]
    /// Files that the task makes: their beginnings, as paths.
    var output: [String] = []
    /// Exit statuses of a task that did what it was asked.
    var goodStatuses: Set<Int32> = [0]
    /// Whether it prints one JSON value; otherwise lines for people, which pages see as they come.
    var printsJSON: Bool { arguments.contains("--json") }
}

/// What a task may look at to make its command.
struct TaskScene {
    /// The task's own folder.
    let folder: TaskFolder
    /// The folders that pages may name files in.
    let roots: Roots
    /// Jobs and their run files.
    let jobs: JobStore
}

/// A task's own folder, below the studio's.
struct TaskFolder {
    let path: String

    /// Makes it, and a file in it.
    ///
    /// - Returns: the file's path.
    func write(_ text: String, to name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        return file
    }
}

/// All kinds.
enum TaskKinds {
    static let all: [any TaskKind.Type] = [
        PlanTask.self, CheckTask.self, CacheTask.self, VerifyTask.self, InspectTask.self,
        SplitTask.self,
        MergeTask.self, SampleTask.self, TrimTask.self, SplitClipTask.self,
    ]
}
