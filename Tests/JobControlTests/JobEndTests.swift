import Foundation
import JobControl
import RunStore
import Testing

/// How jobs end, and what is said about it; every process is real.
@Suite("How jobs end") struct JobEndTests {
    private let scene: JobScene

    init() throws { scene = try JobScene() }

    private func run(_ script: String) async throws -> Job {
        let supervisor = scene.supervisor(script)
        let job = try await supervisor.create(runFile: scene.runFile())
        #expect(
            job.state == .idle && job.totalSteps == 3 && job.folder == scene.folder + "/out/small"
        )
        try await supervisor.start(job.id)
        return try await scene.end(of: job.id, supervisor)
    }

    @Test("a job that did its steps is completed, with its curves in the store")
    func completed() async throws {
        let job = try await run(JobScene.steps(1...3) + "echo done")
        #expect(job.state == .completed && job.info == "", "\(job)")
        #expect(job.step == 3 && job.secondsPerStep == 0.25 && job.lossVideo == 0.5)
        #expect(job.startedAt != nil && job.endedAt != nil && job.queuePosition == nil)
        let loss = try await scene.database.metrics.series(of: job.id, keys: ["loss"])["loss"]
        #expect(loss?.map(\.step) == [1, 2, 3])
        #expect(scene.log(of: job.id) == "done\n")
        #expect(scene.text("jobs/\(job.id)/run.yaml") == scene.runFile())
    }

    @Test("an exit status comes with the last words of the log")
    func status() async throws {
        let job = try await run("echo reading; echo 'error: clips: none; add some' >&2; exit 65")
        #expect(job.state == .failed)
        #expect(job.info == "exit status 65: reading / error: clips: none; add some")
    }

    @Test("a signal is named")
    func signal() async throws {
        let job = try await run(JobScene.steps(1...2) + "ulimit -c 0; kill -SEGV $$")
        #expect(job.state == .failed && job.step == 2)
        #expect(
            job.info == "ended from outside or by a fault (signal 11, Segmentation fault); "
                + "no state was saved: starting begins with the first step"
        )
    }

    @Test("a kill from outside is not taken for exhausted memory, and resuming is offered")
    func killed() async throws {
        let state = "mkdir -p out/small/state; ln -s 000000002 out/small/state/latest; "
        let job = try await run(JobScene.steps(1...2) + state + "kill -KILL $$")
        #expect(
            job.info
                == "ended from outside or by a fault (signal 9, Killed); resuming goes on after step 2"
        )
    }

    @Test("a program that is not there is said")
    func noProgram() async throws {
        var launcher = JobLauncher(likeness: JobScene.likeness, workingFolder: scene.folder)
        launcher.arguments = { _, _ in ["--program", "/none/likeness", "--"] }
        let supervisor = Supervisor(
            database: scene.database,
            home: scene.folder,
            launcher: launcher
        )
        let job = try await supervisor.create(runFile: scene.runFile())
        try await supervisor.start(job.id)
        let ended = try await scene.end(of: job.id, supervisor)
        #expect(ended.state == .failed)
        #expect(
            ended.info == "/none/likeness: cannot be started (No such file or directory); "
                + "check that the file is there and may be run"
        )
    }

    @Test("a keeper that is not there is said")
    func noKeeper() async throws {
        let launcher = JobLauncher(likeness: "/none/keeper", workingFolder: scene.folder)
        let supervisor = Supervisor(
            database: scene.database,
            home: scene.folder,
            launcher: launcher
        )
        let job = try await supervisor.create(runFile: scene.runFile())
        try await supervisor.start(job.id)
        let ended = try await scene.end(of: job.id, supervisor)
        #expect(ended.info.hasPrefix("/none/keeper: cannot be started (No such file or directory)"))
    }

    @Test("a keeper that fails at once is said with its words")
    func keeperFails() async throws {
        let launcher = JobLauncher(likeness: "/bin/ls", workingFolder: scene.folder)
        let supervisor = Supervisor(
            database: scene.database,
            home: scene.folder,
            launcher: launcher
        )
        let job = try await supervisor.create(runFile: scene.runFile())
        try await supervisor.start(job.id)
        let ended = try await scene.end(of: job.id, supervisor)
        #expect(ended.state == .failed)
        #expect(
            ended.info.hasPrefix("the keeper ended before the process began; its last line was \"")
        )
    }
}
