import Foundation
import GRDB
import Synchronization

@testable import RunStore

/// A data base in a folder that is gone after the test.
final class StoreScene: Sendable {
    let folder: String
    let database: RunDatabase

    init() throws {
        folder = NSTemporaryDirectory() + "likeness-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        database = try RunDatabase(path: folder + "/studio.sqlite", tracing: hearing.add)
    }

    private let hearing = Heard()

    /// Every statement so far, with its values.
    var statements: [String] { hearing.texts.withLock { $0 } }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A job of this id and name, in the store.
    @discardableResult
    func job(_ id: String, device: String = "cpu") throws -> Job {
        let job = Job(id: id, name: id, device: device, folder: "/runs/\(id)", totalSteps: 100)
        try database.jobs.add(job, runFile: "# \(id)")
        return job
    }

    private final class Heard: Sendable {
        let texts = Mutex<[String]>([])
        func add(_ text: String) { texts.withLock { $0.append(text) } }
    }
}

extension MetricBatch {
    /// Rows as if each were a line of ten bytes behind a mark.
    init(_ rows: [MetricRow], after start: MetricMark? = nil) {
        let end = MetricMark(
            offset: (start?.offset ?? 0) + rows.count * 10,
            step: max(start?.step ?? -1, rows.map(\.step).max() ?? -1),
            digest: 1,
            length: 10
        )
        self.init(start: start, end: end, rows: rows)
    }
}
