import GRDB

/// Levels of detail: a bucket of level n sums up 16ⁿ steps.
///
/// A bucket is always made anew from the 16 below it, so levels cannot drift from the rows, whatever is replaced.
enum MetricLevels {
    /// Level 5 has buckets of a million steps.
    static let highest = 5

    /// Steps in a bucket.
    static func width(_ level: Int) -> Int { 1 << (4 * level) }

    /// Makes all buckets anew that hold one of the steps.
    static func rebuild(_ key: Int, _ steps: ClosedRange<Int>, _ db: Database) throws {
        for level in 1...highest {
            // In units of the level below.
            let below = width(level - 1)
            let first = steps.lowerBound / width(level) * 16
            let end = (steps.upperBound / width(level) + 1) * 16
            assert(first * below <= steps.lowerBound && steps.upperBound < end * below)
            try db.cachedStatement(sql: level == 1 ? fromRows : fromBuckets).execute(
                arguments: level == 1 ? [key, first, end] : [level, key, level - 1, first, end]
            )
        }
    }

    /// Follows after rows beyond a step were deleted.
    static func cut(_ key: Int, after step: Int, _ db: Database) throws {
        for level in 1...highest {
            try db.execute(
                sql: "DELETE FROM metric_levels WHERE key = ? AND level = ? AND bucket >= ?",
                arguments: [key, level, (step + 1) / width(level)]
            )
        }
        try rebuild(key, step + 1...step + 1, db)
    }

    private static let fromRows = """
        INSERT OR REPLACE INTO metric_levels
        SELECT key, 1, step / 16, MIN(step), MAX(step), COUNT(*), SUM(value), MIN(value), MAX(value)
        FROM metric_rows WHERE key = ? AND step >= ? AND step < ? GROUP BY step / 16
        """

    private static let fromBuckets = """
        INSERT OR REPLACE INTO metric_levels
        SELECT key, ?, bucket / 16, MIN(first_step), MAX(last_step), SUM(count), SUM(sum), MIN(low), MAX(high)
        FROM metric_levels WHERE key = ? AND level = ? AND bucket >= ? AND bucket < ? GROUP BY bucket / 16
        """
}
