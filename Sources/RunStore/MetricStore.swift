import GRDB

/// The curves of runs: every row, and levels of detail above them.
public struct MetricStore: Sendable {
    let database: RunDatabase

    /// Places in a job's metrics file that are known again, last first; the first is where to read on.
    public func marks(of job: String) async throws -> [MetricMark] {
        try await database.read { db in
            let sql = "SELECT * FROM metric_marks WHERE job = ? ORDER BY offset DESC"
            return try Row.fetchAll(db, sql: sql, arguments: [job]).map(MetricMark.init)
        }
    }

    /// Keeps a batch and where it ended: all of it or nothing.
    ///
    /// Where the batch starts before the last one's end, as after a resume that wrote the file anew, everything
    /// that came of later lines goes first.
    public func record(_ batch: MetricBatch, of job: String) async throws {
        try await database.write { db in
            let newest = try Self.newestMark(of: job, db)
            if newest != batch.start { try Self.rewind(job, to: batch.start, db) }
            try Self.insert(batch.rows, job: job, db)
            for sample in batch.samples { try SampleStore.save(sample, job: job, db) }
            try Self.add(batch.end, after: batch.start, job: job, db)
        }
    }

    /// Forgets what was read of a job's metrics file, or what came after a mark.
    public func rewind(_ job: String, to mark: MetricMark? = nil) async throws {
        try await database.write { db in try Self.rewind(job, to: mark, db) }
    }

    /// Names of a job's curves, sorted.
    public func keys(of job: String) async throws -> [String] {
        try await database.read { db in
            let sql = "SELECT name FROM metric_keys WHERE job = ? ORDER BY name"
            return try String.fetchAll(db, sql: sql, arguments: [job])
        }
    }

    static func key(_ name: String, of job: String, _ db: Database) throws -> Int? {
        let sql = "SELECT id FROM metric_keys WHERE job = ? AND name = ?"
        return try Int.fetchOne(db, sql: sql, arguments: [job, name])
    }
}

extension MetricStore {
    private static func newestMark(of job: String, _ db: Database) throws -> MetricMark? {
        let sql = "SELECT * FROM metric_marks WHERE job = ? ORDER BY offset DESC LIMIT 1"
        return try Row.fetchOne(db, sql: sql, arguments: [job]).map(MetricMark.init)
    }

    /// Marks closer together than this are not worth keeping.
    private static let markDistance = 256 << 10

    /// Adds a mark; the one before it goes if it stands close behind another.
    private static func add(
        _ mark: MetricMark,
        after last: MetricMark?,
        job: String,
        _ db: Database
    ) throws {
        if let last {
            let sql = "SELECT MAX(offset) FROM metric_marks WHERE job = ? AND offset < ?"
            let before = try Int.fetchOne(db, sql: sql, arguments: [job, last.offset]) ?? 0
            if last.offset - before < markDistance {
                try db.execute(
                    sql: "DELETE FROM metric_marks WHERE job = ? AND offset = ?",
                    arguments: [job, last.offset]
                )
            }
        }
        try db.execute(
            sql: "INSERT OR REPLACE INTO metric_marks VALUES (?, ?, ?, ?, ?)",
            arguments: [job, mark.offset, mark.step, mark.digest, mark.length]
        )
    }

    private static func rewind(_ job: String, to mark: MetricMark?, _ db: Database) throws {
        let step = mark?.step ?? -1
        try db.execute(
            sql: "DELETE FROM metric_marks WHERE job = ? AND offset > ?",
            arguments: [job, mark?.offset ?? -1]
        )
        try db.execute(
            sql: "DELETE FROM samples WHERE job = ? AND step > ?",
            arguments: [job, step]
        )
        guard mark != nil else {
            return try db.execute(sql: "DELETE FROM metric_keys WHERE job = ?", arguments: [job])
        }
        let sql = "SELECT id FROM metric_keys WHERE job = ?"
        for key in try Int.fetchAll(db, sql: sql, arguments: [job]) {
            try db.execute(
                sql: "DELETE FROM metric_rows WHERE key = ? AND step > ?",
                arguments: [key, step]
            )
            try MetricLevels.cut(key, after: step, db)
        }
    }

    private static func insert(_ rows: [MetricRow], job: String, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO metric_rows VALUES (?, ?, ?)"
        )
        for (name, rows) in Dictionary(grouping: rows, by: \.key) {
            let key = try madeKey(name, of: job, db)
            for row in rows { try statement.execute(arguments: [key, row.step, row.value]) }
            let steps = rows.map(\.step)
            guard let first = steps.min(), let last = steps.max() else { continue }
            try MetricLevels.rebuild(key, first...last, db)
        }
    }

    private static func madeKey(_ name: String, of job: String, _ db: Database) throws -> Int {
        if let known = try key(name, of: job, db) { return known }
        try db.execute(
            sql: "INSERT INTO metric_keys (job, name) VALUES (?, ?)",
            arguments: [job, name]
        )
        return Int(db.lastInsertedRowID)
    }
}

extension MetricMark {
    init(_ row: Row) {
        self.init(
            offset: row["offset"],
            step: row["step"],
            digest: row["digest"],
            length: row["length"]
        )
    }
}
