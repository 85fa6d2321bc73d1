import Foundation
import GRDB
import Testing

@testable import RunStore

/// Many jobs and rows: 200 thousand rows, or ten million with LIKENESS_LARGE_STORE=1, which prints how long pages take.
@Suite("Large store", .serialized) struct LargeStoreTests {
    private let scene: StoreScene
    private static let isLarge = ProcessInfo.processInfo.environment["LIKENESS_LARGE_STORE"] == "1"
    private static let steps = isLarge ? 100_000 : 2000
    private static let curves = (0..<10).map { "curve\($0)" }

    init() throws { scene = try StoreScene() }

    /// A thousand jobs; the first ten have ten curves each.
    private func fill() throws {
        try scene.database.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
                    INSERT INTO jobs (id, name, device, yaml, folder, state, start_mode, step, total_steps, info,
                        created_at, updated_at, deleted_at)
                    SELECT 'job' || i, 'name' || i, 'cpu', 'x: ' || hex(zeroblob(1500)), '/runs/' || i, 'completed',
                        'fresh', 1, 1, '', i, i, CASE WHEN i % 10 = 9 THEN i END FROM n
                    """
            )
            for job in 0..<10 {
                for curve in Self.curves { try Self.fill("job\(job)", curve, db) }
            }
        }
    }

    private static func fill(_ job: String, _ curve: String, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO metric_keys (job, name) VALUES (?, ?)",
            arguments: [job, curve]
        )
        let key = Int(db.lastInsertedRowID)
        try db.execute(
            sql: """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                INSERT INTO metric_rows SELECT ?, i, (random() % 1000) / 1000.0 FROM n
                """,
            arguments: [steps, key]
        )
        try MetricLevels.rebuild(key, 1...steps, db)
    }

    @Test("curves and lists of a large store are whole")
    func large() async throws {
        try fill()
        let database = scene.database
        #expect(try database.jobs.all().count == 900)
        #expect(try database.jobs.bin().count == 100)
        var times: [String: [Duration]] = [:]
        let clock = ContinuousClock()
        for round in 0..<(Self.isLarge ? 100 : 3) {
            let job = "job\(round % 10)"
            let list = clock.now
            #expect(try database.jobs.all().count == 900)
            times["list of jobs", default: []].append(clock.now - list)
            let start = clock.now
            let series = try await database.metrics.series(
                of: job,
                keys: Self.curves,
                points: 1000
            )
            times["ten curves, whole", default: []].append(clock.now - start)
            #expect(series.count == 10)
            #expect(series.values.allSatisfy { (300...1000).contains($0.count) })
            let part = clock.now
            _ = try await database.metrics.series(
                of: job,
                keys: ["curve1", "curve2"],
                from: 1,
                to: Self.steps / 3,
                points: 2000
            )
            times["two curves, a third, 2000 points", default: []].append(clock.now - part)
        }
        guard Self.isLarge else { return }
        for (name, times) in times.sorted(by: { $0.key < $1.key }) {
            print("\(name): p95 \(times.sorted()[times.count * 95 / 100])")
        }
        let size = try FileManager.default.attributesOfItem(atPath: database.path)[.size]
        print("file: \(size ?? 0) bytes")
    }

    @Test("no statement looks through a whole table")
    func plans() async throws {
        try await scene.useEverything()
        let wanted = ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE"]
        let statements = scene.statements.filter { text in
            wanted.contains { text.hasPrefix($0) } && !text.contains("grdb_migrations")
                && !text.contains("sqlite_master")
        }
        #expect(statements.count > 30)
        for statement in Set(statements) {
            let plan = try await scene.database.read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + statement).map {
                    $0["detail"] as String
                }
            }
            #expect(
                !plan.contains { $0.hasPrefix("SCAN ") && $0 != "SCAN CONSTANT ROW" },
                "\(statement): \(plan)"
            )
        }
    }
}

extension StoreScene {
    /// Calls every function of every store.
    fileprivate func useEverything() async throws {
        for id in ["a", "b"] { try job(id) }
        let (jobs, metrics, tasks) = (database.jobs, database.metrics, database.tasks)
        for id in ["a", "b"] { _ = try jobs.enqueue(id) { _ in } }
        _ = try (jobs.move("b", before: "a"), jobs.all(), jobs.all(in: .queued), jobs.bin())
        _ = try (
            jobs.waiting(for: "cpu"), jobs.runFile(of: "a"),
            jobs.update("a", runFile: "x") { $0.step = 2 }
        )
        try database.queues.setPaused(true, "cpu")
        _ = try (database.queues.all(), database.queues.isPaused("cpu"))
        try database.settings.set("a", for: "b")
        try database.settings.set(nil, for: "b")
        _ = try database.settings.value("b")
        try tasks.add(TaskRecord(id: "t", kind: "plan", arguments: "{}"))
        try tasks.end("t", .failed, result: nil)
        try tasks.endAllRunning(result: "")
        _ = try (tasks.task("t"), tasks.latest(), tasks.latest(of: "plan"))
        var batch = MetricBatch((0...3999).map { MetricRow(key: "loss", step: $0, value: 1) })
        batch.samples = [
            Sample(step: 1, promptIndex: 0, kind: .sound, path: "/a", prompt: "", seed: 1)
        ]
        try await metrics.record(batch, of: "a")
        try await metrics.record(
            MetricBatch([MetricRow(key: "loss", step: 4000, value: 1)], after: batch.end),
            of: "a"
        )
        _ = try await (metrics.marks(of: "a"), metrics.keys(of: "a"), database.samples.all(of: "a"))
        for points in [5, 2000] {
            _ = try await metrics.series(of: "a", keys: ["loss"], points: points)
        }
        try await metrics.rewind("a", to: MetricMark(offset: 0, step: 10, digest: 0, length: 0))
        try await metrics.rewind("a")
    }
}
