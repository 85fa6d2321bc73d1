import GRDB

/// The queue of a device.
public struct DeviceQueue: Sendable, Equatable, Codable {
    /// Its name, such as `cuda:0`.
    public var device: String
    /// Whether no further job is started.
    public var isPaused: Bool

    /// Names a queue.
    public init(device: String, isPaused: Bool) {
        self.device = device
        self.isPaused = isPaused
    }
}

/// Whether queues are paused.
public struct QueueStore: Sendable {
    let database: RunDatabase

    /// Queues that were ever paused or gone on with, and those that jobs wait in.
    public func all() throws -> [DeviceQueue] {
        try database.read { db in
            let known = try Row.fetchAll(
                db,
                sql: "SELECT device, is_paused FROM queues WHERE device > ''"
            )
            .map { DeviceQueue(device: $0["device"], isPaused: $0["is_paused"]) }
            let sql = "SELECT DISTINCT device FROM jobs WHERE state = 'queued'"
            let others = try String.fetchAll(db, sql: sql)
                .filter { device in !known.contains { $0.device == device } }
                .map { DeviceQueue(device: $0, isPaused: false) }
            return (known + others).sorted { $0.device < $1.device }
        }
    }

    /// Whether a device starts no further job.
    public func isPaused(_ device: String) throws -> Bool {
        try database.read { db in
            let sql = "SELECT is_paused FROM queues WHERE device = ?"
            return try Bool.fetchOne(db, sql: sql, arguments: [device]) ?? false
        }
    }

    /// Pauses a device's queue, or goes on with it.
    public func setPaused(_ isPaused: Bool, _ device: String) throws {
        try database.write { db in
            try db.execute(
                sql:
                    "INSERT INTO queues VALUES (?, ?) ON CONFLICT DO UPDATE SET is_paused = excluded.is_paused",
                arguments: [device, isPaused]
            )
        }
    }
}
