import Foundation
import JobControl
import RunFiles
import RunStore
import Testing

/// Stopping, resuming, and what else is asked of a job at work.
@Suite("Stopping and resuming") struct StoppingTests {
    private let scene: JobScene
    /// Counts interrupts and ends when the file `go` is there.
    private static let counting = """
        n=0; trap 'n=$((n+1)); echo int $n' INT; echo ready; while [ ! -e go ]; do sleep 0.02; done; exit 0
        """

    init() throws { scene = try JobScene() }

    private func begun(_ script: String) async throws -> (Supervisor, String) {
        let supervisor = scene.supervisor(script)
        let id = try await supervisor.create(runFile: scene.runFile()).id
        try await supervisor.start(id)
        try await scene.wait(for: id, supervisor) { _ in scene.log(of: id).contains("ready") }
        return (supervisor, id)
    }

    @Test("a job is stopped when its process has ended, and is interrupted only once")
    func stop() async throws {
        let (supervisor, id) = try await begun(JobScene.steps(1...2) + Self.counting)
        #expect(try await supervisor.stop(id).state == .stopping)
        try await scene.wait(for: id, supervisor) { _ in scene.log(of: id).contains("int 1") }
        #expect(try await supervisor.stop(id).state == .stopping)
        for _ in 0..<10 { await supervisor.look() }
        #expect(try scene.database.jobs.job(id).state == .stopping)
        try scene.write("", to: "go")
        let job = try await scene.end(of: id, supervisor)
        #expect(job.state == .stopped && job.stopAskedAt != nil)
        #expect(
            job.info
                == "stopped after step 2 of 3; no state was saved: starting begins with the first step"
        )
        #expect(scene.log(of: id) == "ready\nint 1\n")
    }

    @Test("a process that does not stop ends at once when that is asked for")
    func atOnce() async throws {
        let (supervisor, id) = try await begun(
            "trap '' INT; echo ready; while :; do sleep 0.02; done"
        )
        try await supervisor.stop(id)
        for _ in 0..<5 { await supervisor.look() }
        #expect(try scene.database.jobs.job(id).state == .stopping)
        try await supervisor.stop(id, atOnce: true)
        let job = try await scene.end(of: id, supervisor)
        #expect(job.state == .stopped)
        #expect(
            job.info
                == "ended at once, as asked; no state was saved: starting begins with the first step"
        )
    }

    @Test("a stop that is asked for before the process is there reaches it")
    func early() async throws {
        let supervisor = scene.supervisor("trap 'exit 0' INT; while :; do sleep 0.02; done")
        let id = try await supervisor.create(runFile: scene.runFile()).id
        try await supervisor.start(id)
        await supervisor.look()
        try await supervisor.stop(id)
        let job = try await scene.end(of: id, supervisor)
        #expect(job.state == .stopped, "\(job)")
    }

    @Test("a waiting job leaves its queue")
    func waiting() async throws {
        let supervisor = scene.supervisor("exit 0")
        let id = try await supervisor.create(runFile: scene.runFile()).id
        try await supervisor.start(id)
        let job = try await supervisor.stop(id)
        #expect(job.state == .idle && job.queuePosition == nil)
    }

    @Test("resuming goes on after the saved step and replaces what was beyond it")
    func resume() async throws {
        let state = "mkdir -p out/small/state; ln -sfn 000000002 out/small/state/latest; "
        let again =
            "if [ $2 = resume ]; then head -2 out/small/metrics.jsonl > m; mv m out/small/metrics.jsonl; "
            + JobScene.steps(3...3, loss: 0.25) + "echo resumed; exit 0; fi; "
        let supervisor = scene.supervisor(
            again + JobScene.steps(1...2) + state + "echo first; exit 70"
        )
        let id = try await supervisor.create(runFile: scene.runFile()).id
        try await supervisor.start(id)
        #expect(try await scene.end(of: id, supervisor).state == .failed)
        // A step that was done after the last saved state, and will be done again.
        try scene.write(
            scene.text("out/small/metrics.jsonl") + "{\"loss\":9,\"extra\":9,\"step\":3}\n",
            to: "out/small/metrics.jsonl"
        )
        let error = await #expect(throws: JobControlError.self) { try await supervisor.start(id) }
        #expect(
            error?.description
                == "job \"small\": \(scene.folder)/out/small holds a run with 2 finished steps; "
                + "resume it, or restart it (the old run is moved aside)"
        )
        try await supervisor.resume(id)
        let job = try await scene.end(of: id, supervisor)
        #expect(job.state == .completed && job.step == 3, "\(job)")
        let loss = try await scene.database.metrics.series(of: id, keys: ["loss"])["loss"]
        #expect(loss?.map(\.mean) == [0.5, 0.5, 0.25])
        #expect(scene.log(of: id) == "first\nresumed\n")
    }

    @Test("saving and samples are asked for by files in the run's folder, while the job is at work")
    func wishes() async throws {
        let (supervisor, id) = try await begun("mkdir -p out/small; " + Self.counting)
        try await supervisor.ask(.saveNow, of: id)
        try await supervisor.ask(.sampleNow, of: id)
        let names = try FileManager.default.contentsOfDirectory(atPath: scene.folder + "/out/small")
        #expect(names.sorted() == ["sample_now", "save_now"])
        try await expectRefusals(supervisor, id)
        try scene.write("", to: "go")
        _ = try await scene.end(of: id, supervisor)
        let error = await #expect(throws: JobControlError.self) {
            try await supervisor.ask(.saveNow, of: id)
        }
        #expect(
            error?.description
                == "job \"small\": is stopped and cannot be asked to save now; start it first"
        )
    }

    private func expectRefusals(_ supervisor: Supervisor, _ id: String) async throws {
        let error = await #expect(throws: JobControlError.self) { try await supervisor.start(id) }
        #expect(
            error?.description
                == "job \"small\": is running and cannot be started now; stop it first and wait until it has ended"
        )
        await #expect(throws: JobControlError.self) { try await supervisor.delete(id) }
        await #expect(throws: JobControlError.self) {
            try await supervisor.edit(id, runFile: scene.runFile())
        }
    }
}
