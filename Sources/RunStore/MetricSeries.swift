import GRDB

/// A point of a curve: one row, or many summed up.
public struct SeriesPoint: Sendable, Equatable {
    /// The step, or the middle of the steps.
    public var step: Double
    /// Mean of the values.
    public var mean: Double
    /// Least value.
    public var low: Double
    /// Greatest value.
    public var high: Double

    /// Joins the four.
    public init(step: Double, mean: Double, low: Double, high: Double) {
        self.step = step
        self.mean = mean
        self.low = low
        self.high = high
    }
}

extension MetricStore {
    /// Most points of a curve that are given.
    public static let mostPoints = 2000

    /// Curves of a job, from the coarsest level of detail that still gives a quarter of the points asked for.
    ///
    /// - Parameters:
    ///   - job: its id.
    ///   - keys: names of curves; unknown ones get no points.
    ///   - from: first step; nil is the first there is.
    ///   - to: last step; nil is the last there is.
    ///   - points: most points of each curve, 2 to `mostPoints`; there are a quarter of them at least where
    ///     there are so many steps.
    /// - Returns: points by step, for each key.
    /// - Throws: `StoreError`.
    public func series(
        of job: String,
        keys: [String],
        from: Int? = nil,
        to: Int? = nil,
        points: Int = 1000
    ) async throws -> [String: [SeriesPoint]] {
        let points = min(max(points, 2), Self.mostPoints)
        return try await database.read { db in
            var result: [String: [SeriesPoint]] = [:]
            for name in Set(keys) {
                guard let key = try Self.key(name, of: job, db),
                    let steps = try Self.steps(of: key, from: from, to: to, db)
                else {
                    result[name] = []
                    continue
                }
                result[name] = try Self.points(of: key, SeriesDetail(steps, points: points), db)
            }
            return result
        }
    }

    private static func steps(
        of key: Int,
        from: Int?,
        to: Int?,
        _ db: Database
    ) throws -> ClosedRange<Int>? {
        let ends = try ["ASC", "DESC"].map { order in
            let sql = "SELECT step FROM metric_rows WHERE key = ? ORDER BY step \(order) LIMIT 1"
            return try Int.fetchOne(db, sql: sql, arguments: [key])
        }
        guard let first = ends[0], let last = ends[1] else { return nil }
        let lower = max(first, from ?? first)
        let upper = min(last, to ?? last)
        return lower <= upper ? lower...upper : nil
    }

    private static func points(
        of key: Int,
        _ detail: SeriesDetail,
        _ db: Database
    ) throws -> [SeriesPoint] {
        let places = detail.places
        let ends = [places.lowerBound, places.upperBound, detail.group]
        let statement = try db.cachedStatement(sql: detail.level == 0 ? fromRows : fromBuckets)
        statement.arguments = StatementArguments(
            detail.level == 0 ? [key] + ends : [key, detail.level] + ends
        )
        var points: [SeriesPoint] = []
        // Read where they lie: a copy of each row costs more than the row.
        let rows = try Row.fetchCursor(statement)
        while let row = try rows.next() {
            points.append(SeriesPoint(step: row[0], mean: row[1], low: row[2], high: row[3]))
        }
        return points.sorted { $0.step < $1.step }
    }

    private static let fromRows = """
        SELECT (MIN(step) + MAX(step)) / 2.0, SUM(value) / COUNT(*), MIN(value), MAX(value)
        FROM metric_rows WHERE key = ? AND step BETWEEN ? AND ? GROUP BY step / ?
        """

    private static let fromBuckets = """
        SELECT (MIN(first_step) + MAX(last_step)) / 2.0, SUM(sum) / SUM(count), MIN(low), MAX(high)
        FROM metric_levels WHERE key = ? AND level = ? AND bucket BETWEEN ? AND ? GROUP BY bucket / ?
        """
}

/// Which level a curve is read from, and how many of its buckets make a point.
struct SeriesDetail: Equatable {
    let level: Int
    /// Buckets of that level.
    let places: ClosedRange<Int>
    let group: Int

    init(_ steps: ClosedRange<Int>, points: Int) {
        var level = 0
        // From a quarter to four times as many buckets as points: few enough to be read at once.
        while level < MetricLevels.highest,
            steps.count / MetricLevels.width(level + 1) * 4 >= points
        {
            level += 1
        }
        let width = MetricLevels.width(level)
        self.level = level
        places = steps.lowerBound / width...steps.upperBound / width
        // Groups lie at multiples of their size, so that points stay where they are as a curve grows:
        // one more group than would fit may be cut.
        group = max(1, (places.count + points - 2) / max(1, points - 1))
        assert(places.upperBound / group - places.lowerBound / group < points)
    }
}
