import Foundation
import GRDB

/// The studio's data base: jobs, queues, metrics, samples, tasks and settings in one SQLite file.
///
/// Readers never wait for a writer (WAL). All stores may be used from any thread; what is not `async` takes
/// milliseconds at most.
public final class RunDatabase: Sendable {
    /// Where the file lies.
    public let path: String
    private let pool: DatabasePool

    /// Opens or makes the file and brings its tables up to date.
    ///
    /// - Parameter path: of the file; its folder must be there.
    /// - Throws: `StoreError.newer`, `.damaged` or `.unusable`; the file stays as it is then.
    public convenience init(path: String) throws(StoreError) {
        try self.init(path: path, tracing: nil)
    }

    /// The same, with every statement told to `tracing`, with its values.
    init(path: String, tracing: (@Sendable (String) -> Void)?) throws(StoreError) {
        self.path = path
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            // With WAL a commit that power takes away is lost, but nothing breaks; metrics are read again.
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            if let tracing { db.trace { tracing($0.expandedDescription) } }
        }
        let pool: DatabasePool
        let isNewer: Bool
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            isNewer = try pool.read { try Migrations.all.hasBeenSuperseded($0) }
            if !isNewer { try Migrations.all.migrate(pool) }
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        } catch {
            throw .unusable(path, error.localizedDescription)
        }
        guard !isNewer else { throw .newer(path) }
        self.pool = pool
    }

    /// Renames the file and what belongs to it to `….1`, `….2`, so that a new one can be made.
    ///
    /// - Returns: where the old file is now; nil if there was none.
    /// - Throws: `StoreError.unusable` if the folder refuses it.
    public static func moveAside(path: String) throws(StoreError) -> String? {
        let manager = FileManager.default
        guard manager.fileExists(atPath: path) else { return nil }
        var number = 1
        while manager.fileExists(atPath: "\(path).\(number)") { number += 1 }
        do {
            for ending in ["-wal", "-shm", ""] where manager.fileExists(atPath: path + ending) {
                try manager.moveItem(atPath: path + ending, toPath: "\(path).\(number)\(ending)")
            }
        } catch {
            throw .unusable(path, error.localizedDescription)
        }
        return "\(path).\(number)"
    }

    /// Jobs and their run files.
    public var jobs: JobStore { JobStore(database: self) }
    /// Queues of devices.
    public var queues: QueueStore { QueueStore(database: self) }
    /// Curves.
    public var metrics: MetricStore { MetricStore(database: self) }
    /// Previews.
    public var samples: SampleStore { SampleStore(database: self) }
    /// Tasks.
    public var tasks: TaskStore { TaskStore(database: self) }
    /// Settings.
    public var settings: SettingStore { SettingStore(database: self) }
}

extension RunDatabase {
    /// Reads, with errors in words.
    func read<R: Sendable>(_ body: @Sendable (Database) throws -> R) throws -> R {
        try explained { try pool.read(body) }
    }

    /// Changes all or nothing.
    func write<R: Sendable>(_ body: @Sendable (Database) throws -> R) throws -> R {
        try explained { try pool.write(body) }
    }

    /// Reads without holding a thread of the caller.
    func read<R: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> R
    ) async throws -> R {
        do { return try await pool.read(body) } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    /// Changes all or nothing without holding a thread of the caller.
    func write<R: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> R
    ) async throws -> R {
        do { return try await pool.write(body) } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    private func explained<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }
}
