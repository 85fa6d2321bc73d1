import Foundation
import RunConfig
import RunStore

/// Tasks that were done before, looked up by what they were asked.
struct TaskHistory {
    /// A task and what it was asked, read.
    struct Entry {
        let arguments: [String: ConfigValue]
        /// What it found; nil while it is at work.
        let result: ConfigValue?
        /// The task while it is at work.
        let running: String?
    }

    let store: TaskStore

    /// The newest task of a kind that did what is wanted, or does it now; failed ones do not count.
    ///
    /// - Parameters:
    ///   - kind: its name.
    ///   - since: the earliest time of its start.
    ///   - isWanted: whether these arguments are meant.
    /// - Returns: the task; nil if there is none.
    /// - Throws: `StoreError`.
    func newest(
        _ kind: (some TaskKind).Type,
        since: Date = .distantPast,
        where isWanted: ([String: ConfigValue]) -> Bool
    ) throws -> Entry? {
        for task in try store.latest(of: kind.name) where task.createdAt >= since {
            guard [.completed, .running].contains(task.state) else { continue }
            let answer = TaskAnswer(task, lines: [])
            guard case .mapping(let arguments) = answer.arguments, isWanted(arguments) else {
                continue
            }
            let running = task.state == .running ? task.id : nil
            return Entry(arguments: arguments, result: answer.result, running: running)
        }
        return nil
    }
}
