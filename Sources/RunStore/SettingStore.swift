import GRDB

/// Texts by name.
public struct SettingStore: Sendable {
    let database: RunDatabase

    /// A text; nil if it was never set.
    public func value(_ key: String) throws -> String? {
        try database.read { db in
            try String.fetchOne(
                db,
                sql: "SELECT value FROM settings WHERE key = ?",
                arguments: [key]
            )
        }
    }

    /// Keeps a text; nil forgets it.
    public func set(_ value: String?, for key: String) throws {
        try database.write { db in
            guard let value else {
                return try db.execute(sql: "DELETE FROM settings WHERE key = ?", arguments: [key])
            }
            try db.execute(
                sql:
                    "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                arguments: [key, value]
            )
        }
    }
}
