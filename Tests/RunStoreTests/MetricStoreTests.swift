import Foundation
import GRDB
import Testing

@testable import RunStore

/// Curves and their levels of detail.
@Suite("Metric store") struct MetricStoreTests {
    private let scene: StoreScene
    private var metrics: MetricStore { scene.database.metrics }

    init() throws {
        scene = try StoreScene()
        try scene.job("a")
    }

    /// Rows of one curve, by step.
    private func rows(_ key: String = "loss") async throws -> [Int: Double] {
        try await scene.database.read { db in
            let sql = """
                SELECT step, value FROM metric_rows JOIN metric_keys ON id = key WHERE name = ?
                """
            let rows = try Row.fetchAll(db, sql: sql, arguments: [key])
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
        }
    }

    /// Levels of one curve against what its rows give.
    private func expectRightLevels(_ key: String) async throws {
        let rows = try await rows(key)
        let kept = try await buckets(key)
        var wanted = 0
        for level in 1...MetricLevels.highest {
            let groups = Dictionary(grouping: rows) { $0.key / MetricLevels.width(level) }
            wanted += groups.count
            for bucket in kept where bucket.level == level {
                let group = groups[bucket.bucket] ?? []
                let sum = group.reduce(0) { $0 + $1.value }
                #expect(bucket.count == group.count)
                #expect(bucket.firstStep == group.map(\.key).min())
                #expect(bucket.lastStep == group.map(\.key).max())
                #expect(bucket.low == group.map(\.value).min())
                #expect(bucket.high == group.map(\.value).max())
                #expect(abs(bucket.sum - sum) <= 1e-12 * Double(group.count))
            }
        }
        #expect(kept.count == wanted)
    }

    private struct Bucket {
        let level, bucket, firstStep, lastStep, count: Int
        let sum, low, high: Double
    }

    private func buckets(_ key: String) async throws -> [Bucket] {
        let sql = "SELECT l.* FROM metric_levels l JOIN metric_keys ON id = key WHERE name = ?"
        return try await scene.database.read { db in
            try Row.fetchAll(db, sql: sql, arguments: [key]).map { row in
                Bucket(
                    level: row["level"],
                    bucket: row["bucket"],
                    firstStep: row["first_step"],
                    lastStep: row["last_step"],
                    count: row["count"],
                    sum: row["sum"],
                    low: row["low"],
                    high: row["high"]
                )
            }
        }
    }

    @Test(
        "levels equal what the rows give, whatever was added, replaced or cut off",
        arguments: 1...4
    )
    func levels(seed: UInt64) async throws {
        var random = Numbers(seed)
        var marks: [MetricMark] = []
        var expected: [Int: Double] = [:]
        for _ in 0..<25 {
            let isBack = !marks.isEmpty && random.below(5) == 0
            if isBack { marks.removeLast(random.below(marks.count) + 1) }
            let start = marks.last
            if isBack { expected = expected.filter { $0.key <= start?.step ?? -1 } }
            var step = start?.step ?? 0
            let rows = (0..<random.below(400) + 1).map { _ in
                step += random.below(4)
                return MetricRow(key: "loss", step: step, value: random.share)
            }
            let batch = MetricBatch(rows, after: start)
            try await metrics.record(batch, of: "a")
            for row in rows { expected[row.step] = row.value }
            marks.append(batch.end)
        }
        #expect(try await rows() == expected)
        try await expectRightLevels("loss")
    }

    @Test("a file that was written anew replaces what came of its old end, previews too")
    func replaced() async throws {
        func line(_ step: Int, _ value: Double) -> MetricRow {
            MetricRow(key: "loss", step: step, value: value)
        }
        let preview = Sample(
            step: 60,
            promptIndex: 0,
            kind: .video,
            path: "/60.mp4",
            prompt: "a",
            seed: 1
        )
        let first = MetricBatch((1...50).map { line($0, 1) })
        var second = MetricBatch((51...90).map { line($0, 2) }, after: first.end)
        second.samples = [preview]
        try await metrics.record(first, of: "a")
        try await metrics.record(second, of: "a")
        #expect(try scene.database.samples.all(of: "a") == [preview])
        try await metrics.record(
            MetricBatch((51...70).map { line($0, 3) }, after: first.end),
            of: "a"
        )
        let rows = try await rows()
        #expect(rows.count == 70)
        #expect(rows[50] == 1)
        #expect(rows[51] == 3)
        #expect(try scene.database.samples.all(of: "a").isEmpty)
        try await expectRightLevels("loss")
        try await metrics.rewind("a")
        #expect(try await metrics.keys(of: "a").isEmpty)
        #expect(try await metrics.marks(of: "a").isEmpty)
    }

    @Test("marks stay few, and the newest is always kept")
    func marks() async throws {
        var last: MetricMark?
        for step in 0..<2000 {
            let end = MetricMark(offset: (step + 1) * 1000, step: step, digest: 1, length: 1000)
            let row = MetricRow(key: "loss", step: step, value: 1)
            try await metrics.record(MetricBatch(start: last, end: end, rows: [row]), of: "a")
            last = end
        }
        let marks = try await metrics.marks(of: "a")
        #expect(marks.first == last)
        #expect((7...10).contains(marks.count), "\(marks.map(\.offset))")
    }

    @Test("a curve in few points keeps ends, means and extremes", arguments: [2, 10, 300, 2000])
    func series(points: Int) async throws {
        var random = Numbers(9)
        let rows = (1...5000).map { MetricRow(key: "loss", step: $0, value: random.share) }
        try await metrics.record(MetricBatch(rows), of: "a")
        let series = try await metrics.series(of: "a", keys: ["loss", "none"], points: points)
        let curve = try #require(series["loss"])
        #expect(series["none"] == [])
        #expect(curve.count <= points && curve.count * 4 >= points)
        #expect(curve.map(\.step) == curve.map(\.step).sorted())
        #expect(curve.map(\.low).min() == rows.map(\.value).min())
        #expect(curve.map(\.high).max() == rows.map(\.value).max())
        #expect(curve.allSatisfy { $0.low <= $0.mean && $0.mean <= $0.high })
    }

    @Test("a part of a curve that has few steps is given row by row")
    func part() async throws {
        let rows = (0..<4000).map { MetricRow(key: "loss", step: $0, value: Double($0)) }
        try await metrics.record(MetricBatch(rows), of: "a")
        let part = try await metrics.series(of: "a", keys: ["loss"], from: 100, to: 119)["loss"]
        let wanted = (100..<120).map { step -> SeriesPoint in
            let value = Double(step)
            return SeriesPoint(step: value, mean: value, low: value, high: value)
        }
        #expect(part == wanted)
        let none = try await metrics.series(of: "a", keys: ["loss"], from: 9000)
        #expect(none == ["loss": []])
    }

    @Test("the coarsest level that still gives a quarter of the points is read")
    func detail() {
        #expect(SeriesDetail(0...99, points: 100).level == 0)
        #expect(SeriesDetail(0...399, points: 100).level == 1)
        #expect(SeriesDetail(0...398, points: 100).level == 0)
        #expect(SeriesDetail(0...99_999, points: 1000).level == 2)
        #expect(SeriesDetail(1...9_999_999, points: 1000).level == 3)
        for points in [2, 3, 7, 999, 2000] {
            for first in [0, 1, 15, 16, 12345] {
                let detail = SeriesDetail(first...first + 54_321, points: points)
                let groups =
                    detail.places.upperBound / detail.group - detail.places.lowerBound
                    / detail.group
                #expect(groups < points)
            }
        }
    }
}

/// Numbers that are the same in every run.
struct Numbers {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    private mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    var share: Double { mutating get { Double(next()) / Double(1 << 31) } }
}
