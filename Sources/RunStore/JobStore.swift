import Foundation
import GRDB

/// Jobs and the texts of their run files.
public struct JobStore: Sendable {
    let database: RunDatabase

    /// Adds a job.
    ///
    /// - Throws: `StoreError.nameTaken`.
    public func add(_ job: Job, runFile: String) throws {
        try database.write { db in
            try Self.requireFree(job.name, except: job.id, db)
            let marks = String(repeating: "?, ", count: 21)
            try db.execute(
                sql: "INSERT INTO jobs (\(Job.columns), yaml) VALUES (\(marks)?)",
                arguments: job.values + [runFile]
            )
        }
    }

    /// A job, in the bin or not.
    ///
    /// - Throws: `StoreError.noJob`.
    public func job(_ id: String) throws -> Job {
        try database.read { db in try Self.job(id, db) }
    }

    /// Jobs outside the bin, newest first; of all states if none is given.
    public func all(in state: JobState? = nil) throws -> [Job] {
        try database.read { db in
            guard let state else {
                return try Self.jobs("WHERE deleted_at IS NULL ORDER BY created_at DESC", [], db)
            }
            let jobs = try Self.jobs("WHERE state = ?", [state.rawValue], db)
            return jobs.filter { $0.deletedAt == nil }.sorted { $0.createdAt > $1.createdAt }
        }
    }

    /// Jobs in the bin, newest first.
    public func bin() throws -> [Job] {
        try database.read { db in
            try Self.jobs("WHERE deleted_at > 0 ORDER BY deleted_at DESC", [], db)
        }
    }

    /// Jobs of a device that wait, in their order.
    public func waiting(for device: String) throws -> [Job] {
        try database.read { db in try Self.waiting(for: device, db) }
    }

    /// The text of a job's run file.
    ///
    /// - Throws: `StoreError.noJob`.
    public func runFile(of id: String) throws -> String {
        let sql = "SELECT yaml FROM jobs WHERE id = ?"
        let text = try database.read { db in try String.fetchOne(db, sql: sql, arguments: [id]) }
        guard let text else { throw StoreError.noJob(id) }
        return text
    }

    /// Changes a job in one transaction and returns it.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - runFile: the new text of its run file; nil keeps it.
    ///   - change: what is to be different; `updatedAt` follows by itself.
    /// - Returns: the job as it is now.
    /// - Throws: `StoreError.noJob`, `.nameTaken`, or what `change` throws.
    @discardableResult
    public func update(
        _ id: String,
        runFile: String? = nil,
        _ change: @Sendable (inout Job) throws -> Void
    ) throws -> Job {
        try database.write { db in
            let old = try Self.job(id, db)
            var job = old
            try change(&job)
            guard job != old || runFile != nil else { return old }
            if job.deletedAt == nil { try Self.requireFree(job.name, except: id, db) }
            job.updatedAt = Date()
            try Self.save(job, db)
            if let runFile {
                try db.execute(
                    sql: "UPDATE jobs SET yaml = ? WHERE id = ?",
                    arguments: [runFile, id]
                )
            }
            return job
        }
    }

    /// Puts a job at the end of its device's queue.
    ///
    /// - Throws: `StoreError.noJob`, or what `change` throws.
    public func enqueue(
        _ id: String,
        _ change: @Sendable (inout Job) throws -> Void
    ) throws -> Job {
        try database.write { db in
            var job = try Self.job(id, db)
            try change(&job)
            job.state = .queued
            let last = try Self.waiting(for: job.device, db).last?.queuePosition ?? -1
            job.queuePosition = last + 1
            job.updatedAt = Date()
            try Self.save(job, db)
            return job
        }
    }

    /// Removes a job of the bin with its curves and previews' records.
    ///
    /// - Throws: `StoreError.noJob` if it is not in the bin.
    public func erase(_ id: String) throws {
        try database.write { db in
            let sql = "DELETE FROM jobs WHERE id = ? AND deleted_at IS NOT NULL"
            try db.execute(sql: sql, arguments: [id])
            guard db.changesCount > 0 else { throw StoreError.noJob(id) }
        }
    }

    /// Moves a waiting job before another of its device, or to the end; returns the queue.
    ///
    /// - Throws: `StoreError.noJob` if either does not wait there.
    public func move(_ id: String, before other: String?) throws -> [Job] {
        try database.write { db in
            let job = try Self.job(id, db)
            var queue = try Self.waiting(for: job.device, db)
            guard let from = queue.firstIndex(where: { $0.id == id }) else {
                throw StoreError.noJob(id)
            }
            let moved = queue.remove(at: from)
            let to = try other.map { other in
                guard let index = queue.firstIndex(where: { $0.id == other }) else {
                    throw StoreError.noJob(other)
                }
                return index
            }
            queue.insert(moved, at: to ?? queue.count)
            for index in queue.indices {
                queue[index].queuePosition = index
                try Self.save(queue[index], db)
            }
            return queue
        }
    }

}

extension JobStore {
    static func job(_ id: String, _ db: Database) throws -> Job {
        guard let job = try jobs("WHERE id = ?", [id], db).first else {
            throw StoreError.noJob(id)
        }
        return job
    }

    private static func jobs(
        _ rest: String,
        _ arguments: StatementArguments,
        _ db: Database
    ) throws -> [Job] {
        // Read where they lie, without a copy of each row.
        let sql = "SELECT \(Job.columns) FROM jobs \(rest)"
        return try Array(Row.fetchCursor(db, sql: sql, arguments: arguments).map { Job($0) })
    }

    private static func waiting(for device: String, _ db: Database) throws -> [Job] {
        let rest = "WHERE state = 'queued' AND device = ? ORDER BY queue_position"
        return try jobs(rest, [device], db).filter { $0.deletedAt == nil }
    }

    private static func save(_ job: Job, _ db: Database) throws {
        let marks = Array(repeating: "?", count: 21).joined(separator: ", ")
        try db.execute(
            sql: "UPDATE jobs SET (\(Job.columns)) = (\(marks)) WHERE id = ?",
            arguments: job.values + [job.id]
        )
    }

    private static func requireFree(_ name: String, except id: String, _ db: Database) throws {
        let sql = "SELECT id FROM jobs WHERE name = ? AND deleted_at IS NULL"
        let owner = try String.fetchOne(db, sql: sql, arguments: [name])
        if let owner, owner != id { throw StoreError.nameTaken(name) }
    }
}
