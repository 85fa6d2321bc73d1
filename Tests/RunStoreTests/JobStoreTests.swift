import Foundation
import Testing

@testable import RunStore

/// Jobs, queues and the bin.
@Suite("Job store") struct JobStoreTests {
    private let scene: StoreScene
    private var jobs: JobStore { scene.database.jobs }

    init() throws { scene = try StoreScene() }

    @Test("a job comes back as it was kept, every field of it")
    func everyField() throws {
        var job = try scene.job("a")
        let time = Date(timeIntervalSince1970: 1_700_000_000.25)
        job.state = .stopping
        job.startMode = .restart
        job.step = 7
        job.secondsPerStep = 0.5
        job.lossVideo = 0.25
        job.lossAudio = 0.125
        job.info = "words"
        job.queuePosition = 3
        (job.startedAt, job.endedAt, job.stopAskedAt) = (time, time + 1, time + 2)
        (job.killAskedAt, job.deletedAt) = (time + 3, time + 4)
        job.isStopSent = true
        let wanted = job
        var kept = try jobs.update("a") { $0 = wanted }
        #expect(try jobs.job("a") == kept)
        kept.updatedAt = wanted.updatedAt
        #expect(kept == wanted)
    }

    @Test("a name is taken until its job goes to the bin, which it cannot leave then")
    func names() throws {
        try scene.job("a")
        let double = Job(id: "b", name: "a", device: "cpu", folder: "/b", totalSteps: 1)
        let error = #expect(throws: StoreError.nameTaken("a")) {
            try jobs.add(double, runFile: "")
        }
        #expect(
            error?.description
                == "jobs: there is a job named \"a\" already; give this one another config.name"
        )
        try jobs.update("a") { $0.deletedAt = Date() }
        try jobs.add(double, runFile: "")
        #expect(try jobs.all().map(\.id) == ["b"])
        #expect(try jobs.bin().map(\.id) == ["a"])
        #expect(throws: StoreError.nameTaken("a")) { try jobs.update("a") { $0.deletedAt = nil } }
    }

    @Test("a job that is not there is said")
    func unknown() {
        let error = #expect(throws: StoreError.noJob("x")) { try jobs.runFile(of: "x") }
        #expect(error?.description == "jobs: there is no job \"x\"; look at the list of jobs")
        #expect(throws: StoreError.noJob("x")) { try jobs.update("x") { $0.step = 1 } }
    }

    @Test("waiting jobs can be put in another order, each queue for itself")
    func queue() throws {
        for id in ["a", "b", "c"] { try scene.job(id) }
        try scene.job("g", device: "cuda:0")
        for id in ["a", "g", "b", "c"] { _ = try jobs.enqueue(id) { _ in } }
        #expect(try jobs.move("c", before: "a").map(\.id) == ["c", "a", "b"])
        #expect(try jobs.move("c", before: "b").map(\.id) == ["a", "c", "b"])
        #expect(try jobs.move("a", before: nil).map(\.id) == ["c", "b", "a"])
        #expect(try jobs.waiting(for: "cpu").map(\.id) == ["c", "b", "a"])
        #expect(throws: StoreError.noJob("g")) { try jobs.move("a", before: "g") }
        #expect(try jobs.waiting(for: "cuda:0").map(\.queuePosition) == [0])
        try scene.database.queues.setPaused(true, "cuda:0")
        #expect(
            try scene.database.queues.all() == [
                DeviceQueue(device: "cpu", isPaused: false),
                DeviceQueue(device: "cuda:0", isPaused: true),
            ]
        )
    }
}
