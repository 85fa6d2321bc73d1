import Foundation
import RunFiles
import Safetensors
import Testing

@testable import Training

/// What a run leaves behind, and what it says when it cannot.
@Suite("Run state") struct RunStateTests {
    @Test("a state of other adapters, a damaged one and none are told apart")
    func foreign() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, only: ["attn1.to_q"])
        let state = run.folder.latestState
        #expect(throws: RunStateError.nothingToResume(state)) {
            try run.trainer.resume(from: state)
        }
        #expect(
            RunStateError.nothingToResume(state).description
                == "\(state): holds no saved state to go on from; start the run without --resume, or give the folder of a run that was stopped"
        )
        _ = try run.trainer.run(steps: 1)

        let other = try TestRun(in: place, only: ["attn1.to_k"])
        let error = #expect(throws: RunStateError.self) { try other.trainer.resume(from: state) }
        let text = try #require(error).description
        #expect(text.hasPrefix("\(state): does not fit this run: its network is 4 layers, "))
        #expect(text.hasSuffix("; bring the run file back, or start without --resume"))

        let json = state + "/run.json"
        try Data("{}".utf8).write(to: URL(fileURLWithPath: json))
        #expect(throws: RunStateError.damaged(json, "is not a run's state")) {
            try run.trainer.resume(from: state)
        }
        #expect(
            RunStateError.damaged(json, "is not a run's state").description
                == "\(json): is not a run's state; start again without --resume, or give another state folder"
        )
    }

    @Test("what a killed run left unfinished is not in the way")
    func unfinished() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, only: ["attn1.to_q"])
        let work = run.folder.state(step: 2) + ".unfinished"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(fileURLWithPath: work + "/adapter.safetensors"))
        try FileManager.default.createSymbolicLink(
            atPath: run.folder.latestState + ".next",
            withDestinationPath: "nowhere"
        )
        _ = try run.trainer.run(steps: 2)
        #expect(try place.names("run/state") == ["000000002", "latest"])
        #expect(try RunProgress.read(from: run.folder.latestState).step == 2)
    }

    @Test("a failed save leaves the last state whole")
    func failedSave() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, only: ["attn1.to_q"])
        _ = try run.trainer.run(steps: 1)
        // A file where the next adapter's folder entry has to go.
        try FileManager.default.createDirectory(
            atPath: run.folder.adapter(step: 2),
            withIntermediateDirectories: true
        )
        let next = try TestRun(in: place, every: 2, only: ["attn1.to_q"])
        try next.trainer.resume(from: next.folder.latestState)
        #expect(throws: SafetensorsError.self) { try next.trainer.run(steps: 5) }
        #expect(try RunProgress.read(from: run.folder.latestState).step == 1)
        let again = try TestRun(in: place, only: ["attn1.to_q"])
        #expect(try again.trainer.resume(from: again.folder.latestState) == 1)
    }

    @Test("a folder that cannot be written is told with what to do")
    func unwritable() throws {
        let place = try TemporaryFolder()
        let file = place.path + "/file"
        try Data().write(to: URL(fileURLWithPath: file))
        let folder = RunFolder(path: file + "/run", name: "run")
        let error = #expect(throws: RunStateError.self) { try folder.make() }
        let text = try #require(error).description
        #expect(text.hasPrefix("\(file)/run: cannot be written ("))
        #expect(text.hasSuffix("); free some space or choose another training_folder"))

        let run = try TestRun(in: place, only: ["attn1.to_q"])
        try Data().write(to: URL(fileURLWithPath: run.folder.states))
        let state = #expect(throws: RunStateError.self) { try run.trainer.run(steps: 1) }
        #expect(try #require(state).description.contains("cannot be written ("))
        #expect(throws: RunStateError.self) {
            try MetricsLog(path: file + "/metrics.jsonl", keepingUpTo: 0)
        }
    }

    @Test("a run that was begun says how to go on")
    func begun() {
        #expect(
            RunStateError.alreadyBegun("/runs/a", step: 250).description
                == "/runs/a: holds a run with 250 finished steps; add --resume to go on with it, or --restart to begin anew (the old one is moved aside)"
        )
    }

    @Test("an earlier run's folder is moved aside, never deleted")
    func movedAside() throws {
        let place = try TemporaryFolder()
        let folder = RunFolder(path: place.path + "/run", name: "run")
        #expect(try folder.moveAside() == nil)
        for number in 1...2 {
            try folder.make()
            #expect(try folder.moveAside() == "\(folder.path).\(number)")
        }
        #expect(try place.names() == ["run.1", "run.2"])
    }

    @Test("the metrics file has a line for each step, and none beyond the step a run goes on from")
    func metrics() throws {
        let place = try TemporaryFolder()
        let path = place.path + "/metrics.jsonl"
        func lines() throws -> [[String: Any]] {
            try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
                try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        }
        func write(_ steps: ClosedRange<Int>, keepingUpTo step: Int) throws {
            let log = try MetricsLog(path: path, keepingUpTo: step)
            for number in steps {
                var report = StepReport()
                report.step = number
                report.videoLoss = 0.5
                report.audioLoss = number == 2 ? nil : 0.25
                report.audioWeight = 2
                report.clips = ["clip"]
                report.gradientNorm = number == 2 ? .nan : 1
                log.handle(.step(report, of: 9))
            }
            log.handle(.notice("not for this file"))
        }
        try write(1...3, keepingUpTo: 0)
        try write(3...4, keepingUpTo: 2)
        let found = try lines()
        #expect(found.map { $0["step"] as? Int } == [1, 2, 3, 4])
        #expect(found[0]["loss"] as? Double == 1)
        #expect(found[0]["loss_video"] as? Double == 0.5)
        #expect(found[0]["loss_audio"] as? Double == 0.25)
        #expect(found[1]["loss"] as? Double == 0.5)
        #expect(found[1]["loss_audio"] == nil)
        #expect(found[1]["grad_norm"] as? String == "nan")
        #expect(found[0]["clips"] as? [String] == ["clip"])
        try write(1...1, keepingUpTo: 0)
        #expect(try lines().count == 1)
    }
}
