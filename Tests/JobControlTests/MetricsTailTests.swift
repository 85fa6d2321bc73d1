import Foundation
import JobControl
import RunStore
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Following a run's metrics into the store.
@Suite("Metrics tail") struct MetricsTailTests {
    private let scene: JobScene
    private var path: String { scene.folder + "/metrics.jsonl" }

    init() throws {
        scene = try JobScene()
        let job = Job(id: "a", name: "a", device: "cpu", folder: "/a", totalSteps: 1)
        try scene.database.jobs.add(job, runFile: "")
    }

    static func lines(_ steps: ClosedRange<Int>, loss: Double = 1) -> String {
        steps.map { "{\"loss\":\(loss),\"lr\":\($0),\"seconds\":\(loss),\"step\":\($0)}\n" }
            .joined()
    }

    private func follow(chunk: Int = 200) async throws {
        try await Self.follow(path, scene.database, chunk: chunk)
    }

    static func follow(_ path: String, _ database: RunDatabase, chunk: Int) async throws {
        let tail = MetricsTail(path: path, folder: "/place", chunk: chunk)
        while let batch = try tail.next(after: await database.metrics.marks(of: "a")) {
            try await database.metrics.record(batch, of: "a")
        }
    }

    /// Curves of all steps, by step.
    private func curve(_ key: String) async throws -> [Int: Double] {
        let series = try await scene.database.metrics.series(of: "a", keys: [key], points: 2000)
        return Dictionary(uniqueKeysWithValues: (series[key] ?? []).map { (Int($0.step), $0.mean) })
    }

    @Test("half a line waits until it is whole, and a line longer than a read is read")
    func half() async throws {
        let text = Self.lines(1...9)
        try scene.write(text + "{\"loss\":1,\"st", to: "metrics.jsonl")
        try await follow(chunk: 16)
        #expect(try await curve("loss").count == 9)
        #expect(try await scene.database.metrics.marks(of: "a").first?.offset == text.utf8.count)
        try scene.write(text + "{\"loss\":1,\"step\":10}\n", to: "metrics.jsonl")
        try await follow(chunk: 16)
        #expect(try await curve("loss").count == 10)
    }

    @Test("lines that are no metrics are counted and left out")
    func unreadable() async throws {
        try scene.write("what\n" + Self.lines(1...2) + "\0\0\n", to: "metrics.jsonl")
        let batch = try MetricsTail(path: path, folder: "").next(after: [])
        #expect(batch?.unreadable == 2 && batch?.rows.count == 6)
        #expect(try MetricsTail(path: path + "-none", folder: "").next(after: []) == nil)
    }

    @Test("previews lie where the run works")
    func previews() async throws {
        let line = """
            {"previews":{"previews":[{"path":"out/a.mp4","prompt":"p","seed":7}]},"step":6}

            """
        try scene.write(line, to: "metrics.jsonl")
        try await follow()
        #expect(try scene.database.samples.all(of: "a").map(\.path) == ["/place/out/a.mp4"])
    }

    @Test(
        "a resumed run that wrote the file anew replaces what was beyond, seen at once or only when it has grown",
        arguments: [400, 900, 1900]
    )
    func resumed(end: Int) async throws {
        // More than the distance of marks, so that reading goes on in the middle.
        let filler = String(repeating: "x", count: 1000)
        func filled(_ steps: ClosedRange<Int>, _ loss: Double) -> String {
            Self.lines(steps, loss: loss).replacing(
                "\"lr\"",
                with: "\"filler\":\"\(filler)\",\"lr\""
            )
        }
        let kept = filled(1...390, 1)
        try scene.write(kept + filled(391...1000, 1), to: "metrics.jsonl")
        try await follow(chunk: 64 << 10)
        try scene.write(kept + filled(391...end, 2), to: "metrics.jsonl")
        let marks = try await scene.database.metrics.marks(of: "a")
        let batch = try MetricsTail(path: path, folder: "").next(after: marks)
        #expect(batch?.start?.offset ?? 0 > 100_000)
        try await follow(chunk: 64 << 10)
        let curve = try await curve("loss")
        #expect(curve.count == end)
        #expect(curve[390] == 1)
        #expect(curve[391] == 2)
        #expect(curve[end] == 2)
    }

    @Test("another run in the same place replaces all")
    func other() async throws {
        try scene.write(Self.lines(1...50), to: "metrics.jsonl")
        try await follow()
        try scene.write(Self.lines(1...5, loss: 3), to: "metrics.jsonl")
        try await follow()
        #expect(try await curve("loss") == [1: 3, 2: 3, 3: 3, 4: 3, 5: 3])
    }

    @Test(
        "kill -9 in the middle of reading loses nothing and doubles nothing",
        arguments: [20_000, 31_700, 45_100, 80_200]
    )
    func killed(microseconds: Int) async throws {
        let count = 1500
        try scene.write(Self.lines(1...count, loss: 0.5), to: "metrics.jsonl")
        let (path, store) = (path, scene.database.path)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, store = store as String, delay = microseconds as Int] in
            let database = try RunDatabase(path: store)
            Thread.detachNewThread {
                usleep(UInt32(delay))
                kill(getpid(), SIGKILL)
            }
            // Read, forget, read again: wherever the kill falls, something is just being written.
            while true {
                try await MetricsTailTests.follow(path, database, chunk: 4096)
                try await database.metrics.rewind("a")
            }
        }
        let mark = try await scene.database.metrics.marks(of: "a").first
        let before = try await curve("lr")
        #expect(before.count == max(0, mark?.step ?? 0), "rows and place do not agree")
        try await follow(chunk: 4096)
        let after = try await curve("lr")
        #expect(after == Dictionary(uniqueKeysWithValues: (1...count).map { ($0, Double($0)) }))
    }
}
