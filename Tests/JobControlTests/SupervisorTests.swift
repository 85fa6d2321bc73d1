import Foundation
import JobControl
import RunConfig
import RunStore
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Queues, and finding jobs again.
@Suite("Supervisor") struct SupervisorTests {
    private let scene: JobScene
    private static let waiting = "echo ready; while [ ! -e go ]; do sleep 0.02; done; "

    init() throws { scene = try JobScene() }

    @Test("a server that was started anew finds its jobs at work, and how they ended meanwhile")
    func restart() async throws {
        let script = Self.waiting + JobScene.steps(1...3)
        var first: Supervisor? = scene.supervisor(script)
        let id = try #require(await first?.create(runFile: scene.runFile()).id)
        try await first?.start(id)
        if let first {
            try await scene.wait(for: id, first) { _ in scene.log(of: id).contains("ready") }
        }
        first = nil
        let second = scene.supervisor("", database: try RunDatabase(path: scene.database.path))
        for _ in 0..<5 { await second.look() }
        #expect(try scene.database.jobs.job(id).state == .running)
        try scene.write("", to: "go")
        try await waitForEnding(id)
        let third = scene.supervisor("")
        let job = try await scene.end(of: id, third)
        #expect(job.state == .completed && job.step == 3, "\(job)")
    }

    /// Until the keeper has written how the process ended; nobody watches meanwhile.
    private func waitForEnding(_ id: String) async throws {
        for _ in 0..<3000 where scene.text("jobs/\(id)/ended.json").isEmpty {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test("without its keeper a job goes on, and what nobody saw is said")
    func keeperKilled() async throws {
        let supervisor = scene.supervisor(Self.waiting)
        let id = try await supervisor.create(runFile: scene.runFile()).id
        try await supervisor.start(id)
        try await scene.wait(for: id, supervisor) { _ in scene.log(of: id).contains("ready") }
        let record = try #require(JobFolder(path: scene.folder + "/jobs/\(id)").begun)
        #expect(record.keeper.send(SIGKILL))
        for _ in 0..<10 { await supervisor.look() }
        #expect(try scene.database.jobs.job(id).state == .running)
        try scene.write("", to: "go")
        let job = try await scene.end(of: id, supervisor)
        #expect(job.state == .failed)
        #expect(
            job.info
                == "the process has ended, and its keeper before it, so nobody saw how; its last line was \"ready\"; "
                + "no state was saved: starting begins with the first step"
        )
    }

    @Test("a job that was at work when the machine went down has failed and says so")
    func earlierBoot() async throws {
        let supervisor = scene.supervisor("")
        let id = try await supervisor.create(runFile: scene.runFile()).id
        let identity = #"{"pid":1,"startTicks":1,"bootID":"another"}"#
        try scene.write(
            #"{"trainer":\#(identity),"keeper":\#(identity),"startedAt":0}"#,
            to: "jobs/\(id)/process.json"
        )
        try scene.database.jobs.update(id) { job in
            job.state = .running
            job.startedAt = Date()
        }
        let job = try await scene.end(of: id, supervisor)
        #expect(job.state == .failed)
        #expect(
            job.info == "the machine was started anew while the job was at work; "
                + "no state was saved: starting begins with the first step"
        )
    }

    @Test("one job at a time on a device, in the queue's order, and none while it is paused")
    func queue() async throws {
        let supervisor = scene.supervisor("echo $1 >> order; " + Self.waiting)
        var ids: [String] = []
        for name in ["a", "b", "c"] {
            ids.append(try await supervisor.create(runFile: scene.runFile(name, steps: 1)).id)
        }
        try await supervisor.setPaused(true, device: "cpu")
        for id in ids { try await supervisor.start(id) }
        for _ in 0..<3 { await supervisor.look() }
        #expect(try scene.database.jobs.all(in: .queued).count == 3)
        try await supervisor.move(ids[2], before: ids[0])
        try await supervisor.setPaused(false, device: "cpu")
        try await scene.wait(for: ids[2], supervisor) { _ in scene.log(of: ids[2]).contains("ready")
        }
        for _ in 0..<3 { await supervisor.look() }
        #expect(try scene.database.jobs.all(in: .running).map(\.id) == [ids[2]])
        try scene.write("", to: "go")
        for id in ids { _ = try await scene.end(of: id, supervisor) }
        let order = scene.text("order").split(separator: "\n").map {
            $0.split(separator: "/").last.map(String.init)
        }
        #expect(order == [ids[2], ids[0], ids[1]])
    }

    @Test("devices are one queue however they are spelt")
    func devices() async throws {
        let cpu = scene.supervisor("")
        for (index, device) in ["auto", "cuda", "cpu"].enumerated() {
            let job = try await cpu.create(runFile: scene.runFile("cpu\(index)", device: device))
            #expect(job.device == "cpu")
        }
        var launcher = JobLauncher()
        launcher.bestDevice = "cuda:0"
        let gpu = Supervisor(database: scene.database, home: scene.folder, launcher: launcher)
        for (index, (device, queue)) in [
            ("auto", "cuda:0"), ("cuda", "cuda:0"), ("cuda:1", "cuda:1"), ("cpu", "cpu"),
        ].enumerated() {
            let job = try await gpu.create(runFile: scene.runFile("gpu\(index)", device: device))
            #expect(job.device == queue)
        }
    }

    @Test("a run file with faults makes no job and says all of them")
    func faults() async throws {
        let supervisor = scene.supervisor("")
        let text = scene.runFile().replacing("steps: 3", with: "steps: none")
        let error = await #expect(throws: ConfigError.self) {
            try await supervisor.create(runFile: text)
        }
        #expect(error?.errors.map(\.path) == ["train.steps"])
        #expect(try scene.database.jobs.all().isEmpty)
    }

    @Test("an edited job is idle again; in the bin it is not listed")
    func edited() async throws {
        let supervisor = scene.supervisor("exit 3")
        let id = try await supervisor.create(runFile: scene.runFile()).id
        try await supervisor.start(id)
        _ = try await scene.end(of: id, supervisor)
        let job = try await supervisor.edit(id, runFile: scene.runFile("other", steps: 9))
        #expect(job.state == .idle && job.totalSteps == 9 && job.info == "")
        #expect(job.folder == scene.folder + "/out/other")
        try await supervisor.delete(id)
        #expect(try scene.database.jobs.all().isEmpty)
        try await supervisor.restore(id)
        #expect(try scene.database.jobs.all().map(\.id) == [id])
    }

    @Test("what happens to a job is told to all who listen, in order")
    func events() async throws {
        let supervisor = scene.supervisor(JobScene.steps(1...3))
        let streams = (0..<3).map { _ in supervisor.events() }
        let id = try await supervisor.create(runFile: scene.runFile()).id
        try await supervisor.start(id)
        _ = try await scene.end(of: id, supervisor)
        for stream in streams {
            var states: [JobState] = []
            for await event in stream {
                guard case .changed(let job) = event else { continue }
                states.append(job.state)
                if job.state == .completed { break }
            }
            #expect(states == [.idle, .queued, .running, .completed])
        }
    }
}
