public import Foundation
import GRDB

/// Work of a child process that ends by itself: a plan, a check, a merge.
public struct TaskRecord: Sendable, Equatable, Codable {
    /// Where a task stands.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// Its process is at work.
        case running
        /// It has a result.
        case completed
        /// It ended otherwise; the result says why.
        case failed
        /// The user ended it.
        case cancelled
    }

    /// Names it for ever.
    public let id: String
    /// What it does, such as `plan`.
    public let kind: String
    /// Where it stands.
    public var state = State.running
    /// When it was started.
    public let createdAt: Date
    /// When its process ended.
    public var endedAt: Date?
    /// What it was asked to do, as JSON.
    public let arguments: String
    /// What came of it, as JSON.
    public var result: String?

    /// A task that begins.
    public init(id: String, kind: String, arguments: String, createdAt: Date = Date()) {
        self.id = id
        self.kind = kind
        self.arguments = arguments
        self.createdAt = createdAt
    }

    init(_ row: Row) {
        id = row["id"]
        kind = row["kind"]
        state = State(rawValue: row["state"]) ?? .failed
        createdAt = Date(timeIntervalSinceReferenceDate: row["created_at"])
        endedAt = (row["ended_at"] as Double?).map(Date.init(timeIntervalSinceReferenceDate:))
        arguments = row["arguments"]
        result = row["result"]
    }
}

/// Tasks and their results.
public struct TaskStore: Sendable {
    let database: RunDatabase

    /// Adds a task.
    public func add(_ task: TaskRecord) throws {
        try database.write { db in
            try db.execute(
                sql:
                    "INSERT INTO tasks (id, kind, state, created_at, arguments) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    task.id, task.kind, task.state.rawValue,
                    task.createdAt.timeIntervalSinceReferenceDate,
                    task.arguments,
                ]
            )
        }
    }

    /// A task.
    ///
    /// - Throws: `StoreError.noTask`.
    public func task(_ id: String) throws -> TaskRecord {
        let row = try database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM tasks WHERE id = ?", arguments: [id])
                .map(TaskRecord.init)
        }
        guard let row else { throw StoreError.noTask(id) }
        return row
    }

    /// The newest tasks first.
    ///
    /// - Parameters:
    ///   - kind: only these; nil: all.
    ///   - count: how many at most.
    /// - Returns: tasks, newest first.
    /// - Throws: `StoreError`.
    public func latest(of kind: String? = nil, _ count: Int = 100) throws -> [TaskRecord] {
        try database.read { db in
            let which = kind == nil ? "created_at > 0" : "kind = ?"
            return try Row.fetchAll(
                db,
                sql: "SELECT * FROM tasks WHERE \(which) ORDER BY created_at DESC LIMIT ?",
                arguments: StatementArguments([kind].compactMap(\.self)) + [count]
            ).map(TaskRecord.init)
        }
    }

    /// Keeps how a task ended; one that has ended already stays as it is.
    public func end(_ id: String, _ state: TaskRecord.State, result: String?) throws {
        try database.write { db in
            try db.execute(
                sql: """
                    UPDATE tasks SET state = ?, ended_at = ?, result = ? WHERE id = ? AND state = 'running'
                    """,
                arguments: [state.rawValue, Date().timeIntervalSinceReferenceDate, result, id]
            )
        }
    }

    /// Marks tasks as failed that a server left behind when it ended.
    public func endAllRunning(result: String) throws {
        try database.write { db in
            try db.execute(
                sql:
                    "UPDATE tasks SET state = 'failed', ended_at = ?, result = ? WHERE state = 'running'",
                arguments: [Date().timeIntervalSinceReferenceDate, result]
            )
        }
    }
}
