import Foundation
import Testing

/// `likeness train` as its user meets it.
@Suite("likeness train", .serialized) struct TrainCommandTests {
    private let folder: ScratchFolder
    private let likeness: LikenessProgram

    init() throws {
        folder = try ScratchFolder()
        likeness = LikenessProgram(folder: folder)
    }

    private func prepare(_ text: String) async throws {
        try folder.copyClips("01", "04")
        _ = try await likeness.run("tiny", "model")
        try folder.write(text, to: "job.yaml")
    }

    @Test("a dry run prints the plan and makes no run folder")
    func dryRun() async throws {
        try await prepare(runFile(steps: 5))
        let outcome = try await likeness.run("train", "job.yaml", "--dry-run")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("LTX-2.3, model/ltx-2.3-tiny-dev.safetensors"))
        #expect(outcome.output.contains("68 layers"))
        #expect(outcome.output.contains("2 clips with sound"))
        #expect(!folder.exists("out"))
        let caches = folder.names(in: "clips/_latent_cache")
        #expect(!caches.contains { $0.hasSuffix(".safetensors") })
    }

    @Test("training writes adapter, metrics, state and the run file, in plain lines into a pipe")
    func train() async throws {
        try await prepare(runFile(steps: 6, saveEvery: 2))
        let outcome = try await likeness.run("train", "job.yaml")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.output.contains("Audio latent caching: 2 encoded, 0 failed, 0 without sound")
        )
        #expect(outcome.output.contains("[audio] raw="))
        #expect(outcome.output.contains("Done: 6 steps."))
        #expect(!outcome.output.contains("\u{1B}"))
        #expect(
            folder.names(in: "out/small") == [
                ".lock", "config.yaml", "metrics.jsonl", "small.safetensors",
                "small_000000002.safetensors", "small_000000004.safetensors", "state",
            ]
        )
        let lines = try String(
            contentsOfFile: folder.path + "/out/small/metrics.jsonl",
            encoding: .utf8
        )
        let kinds = lines.split(separator: "\n").map {
            $0.contains("adapter_change") ? "change" : "step"
        }
        #expect(kinds == Array(repeating: "step", count: 6) + ["change"])
    }

    @Test("all faults of a run file at once, with lines and what was meant, exit status 64")
    func faults() async throws {
        let text = runFile(steps: 5, train: "lr_schedular: cosine\n        lr: fast")
        try folder.write(text, to: "job.yaml")
        let outcome = try await likeness.run("train", "job.yaml")
        #expect(outcome.status == 64)
        let line = try #require(
            text.split(separator: "\n").firstIndex { $0.contains("lr_schedular") }
        )
        #expect(
            outcome.errors.contains(
                "job.yaml:\(line + 1): train.lr_schedular: unknown key; did you mean \"lr_scheduler\"?"
            )
        )
        #expect(outcome.errors.contains("job.yaml:\(line + 2): train.lr: "))
    }

    @Test("a missing model is a sentence, exit status 65")
    func missingModel() async throws {
        try folder.copyClips("01")
        try folder.write(runFile(steps: 5), to: "job.yaml")
        let outcome = try await likeness.run("train", "job.yaml")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("model/ltx-2.3-tiny-dev.safetensors"))
    }

    @Test("a truncated checkpoint is named, exit status 65")
    func truncatedModel() async throws {
        try await prepare(runFile(steps: 5))
        let file = try #require(
            FileHandle(forUpdatingAtPath: folder.path + "/model/ltx-2.3-tiny-dev.safetensors")
        )
        try file.truncate(atOffset: 1_000_000)
        try file.close()
        let outcome = try await likeness.run("train", "job.yaml")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("ltx-2.3-tiny-dev.safetensors"))
    }

    @Test("a run that was begun is kept: --resume goes on, --restart moves it aside")
    func begunRun() async throws {
        try await prepare(runFile(steps: 4))
        #expect(try await likeness.run("train", "job.yaml").status == 0)
        let again = try await likeness.run("train", "job.yaml")
        #expect(again.status == 65)
        #expect(again.errors.contains("add --resume to go on with it, or --restart"))
        let done = try await likeness.run("train", "job.yaml", "--resume")
        #expect(done.status == 65)
        #expect(done.errors.contains("raise train.steps"))
        try folder.write(runFile(steps: 6), to: "job.yaml")
        let resumed = try await likeness.run("train", "job.yaml", "--resume")
        #expect(resumed.output.contains("Going on after step 4 of 6"), "\(resumed.errors)")
        let anew = try await likeness.run("train", "job.yaml", "--restart")
        #expect(anew.status == 0)
        #expect(folder.names(in: "out") == ["small", "small.1"])
    }
}

/// What interrupts a run.
@Suite("Interrupted runs", .serialized) struct InterruptionTests {
    private let folder: ScratchFolder
    private let likeness: LikenessProgram

    init() async throws {
        folder = try ScratchFolder()
        likeness = LikenessProgram(folder: folder)
        try folder.copyClips("01", "04")
        _ = try await likeness.run("tiny", "model")
    }

    @Test(
        "Ctrl-C and SIGTERM finish the step, save, and say how to go on",
        arguments: [SIGINT, SIGTERM]
    )
    func interrupt(signal: Int32) async throws {
        try folder.write(runFile(steps: 100_000, train: "lr: 1e-4"), to: "job.yaml")
        let started = try likeness.start(["train", "job.yaml"])
        #expect(try await started.waits(for: "step 1/100000"))
        kill(started.process.processIdentifier, signal)
        let outcome = try await started.wait()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("Stopped after step"))
        #expect(outcome.output.contains("train job.yaml --resume"))
        let step = try #require(try savedStep())
        #expect(folder.names(in: "out/small").contains("small_\(nineDigits(step)).safetensors"))
        try folder.write(runFile(steps: step + 2, train: "lr: 1e-4"), to: "job.yaml")
        let resumed = try await likeness.run("train", "job.yaml", "--resume")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try savedStep() == step + 2)
    }

    @Test("kill -9 at any moment leaves the last state whole")
    func killed() async throws {
        try folder.write(runFile(steps: 100_000, saveEvery: 1, train: "lr: 1e-4"), to: "job.yaml")
        var last = 0
        for round in 0..<6 {
            let started = try likeness.start(
                round == 0 ? ["train", "job.yaml"] : ["train", "job.yaml", "--resume"]
            )
            #expect(try await started.waits(for: "saved out/small/small_"))
            // Each round ends at another moment of the cycle of step, adapter, state.
            try await Task.sleep(for: .milliseconds(30 + 37 * round))
            kill(started.process.processIdentifier, SIGKILL)
            _ = try await started.wait()
            let step = try #require(try savedStep())
            #expect(step > last, "round \(round)")
            last = step
        }
        try folder.write(runFile(steps: last + 3, train: "lr: 1e-4"), to: "job.yaml")
        let resumed = try await likeness.run("train", "job.yaml", "--resume")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(folder.names(in: "out/small/state").count == 2)
    }

    private func savedStep() throws -> Int? {
        let path = folder.path + "/out/small/state/latest/run.json"
        let data = try #require(FileManager.default.contents(atPath: path))
        let values = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return values?["step"] as? Int
    }

    private func nineDigits(_ step: Int) -> String {
        String(repeating: "0", count: 9 - String(step).count) + String(step)
    }
}
