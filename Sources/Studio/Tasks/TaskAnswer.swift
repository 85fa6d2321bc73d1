import Foundation
import RunConfig
import RunStore

/// A task as pages see it.
struct TaskAnswer: Encodable {
    let id: String
    let kind: String
    let state: TaskRecord.State
    let createdAt: Date
    let endedAt: Date?
    let arguments: ConfigValue
    /// What the program printed; nil until it has ended well.
    let result: ConfigValue?
    /// Why it failed; nil if it did not.
    let error: ConfigValue?
    let lines: [String]

    init(_ task: TaskRecord, lines: [String]) {
        id = task.id
        kind = task.kind
        state = task.state
        createdAt = task.createdAt
        endedAt = task.endedAt
        arguments = Self.value(task.arguments) ?? .null
        let outcome = task.result.flatMap(Self.value)
        result = task.state == .completed ? outcome : nil
        error = task.state == .failed ? outcome : nil
        self.lines = lines
    }

    private static func value(_ text: String) -> ConfigValue? {
        try? JSONDecoder().decode(ConfigValue.self, from: Data(text.utf8))
    }
}
