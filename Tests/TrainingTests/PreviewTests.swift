import Foundation
import RunFiles
import Testing
import Torch

@testable import Training

/// Previews and wishes within a run.
@Suite("Previews in a run") struct PreviewTests {
    /// Notes when it is called; fails when it is told to.
    private final class Recorder: PreviewMaker {
        var calls: [String] = []
        var failure: (any Error)?

        func makePreviews(after step: Int, isFirst: Bool) throws -> PreviewReport {
            calls.append(isFirst ? "\(step) first" : "\(step)")
            if let failure { throw failure }
            var report = PreviewReport()
            report.previews = [.init(path: "\(step).mp4", prompt: "a woman", seed: 3)]
            return report
        }
    }

    private func calls(
        _ times: PreviewTimes,
        steps: Int = 6,
        before: (TestRun) throws -> Void = { _ in }
    ) throws -> [String] {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place)
        let recorder = Recorder()
        run.trainer.previews = recorder
        run.trainer.previewTimes = times
        try before(run)
        _ = try run.trainer.run(steps: steps)
        return recorder.calls
    }

    @Test("previews are made before the first step, every so many steps, and after the last")
    func times() throws {
        #expect(try calls(PreviewTimes(every: 2)) == ["0 first", "2", "4", "6"])
        #expect(try calls(PreviewTimes(every: 4)) == ["0 first", "4", "6"])
        #expect(try calls(PreviewTimes(every: 2, start: 3)) == ["4", "6"])
        #expect(try calls(PreviewTimes(every: 2, first: .never)) == ["2", "4", "6"])
        #expect(try calls(PreviewTimes(every: 100, start: 50)) == ["6"])
    }

    @Test("a resumed run begins with previews only when they are forced")
    func resumed() throws {
        for (first, expected) in [
            (PreviewTimes.First.ofNewRuns, ["4", "6"]), (.always, ["3 first", "4", "6"]),
        ] {
            let place = try TemporaryFolder()
            _ = try TestRun(in: place).trainer.run(steps: 3)
            let run = try TestRun(in: place)
            try run.trainer.resume(from: run.folder.latestState)
            let recorder = Recorder()
            run.trainer.previews = recorder
            run.trainer.previewTimes = PreviewTimes(every: 2, first: first)
            _ = try run.trainer.run(steps: 6)
            #expect(recorder.calls == expected)
        }
    }

    @Test("files in the run's folder ask for a save and for previews, once each")
    func wishes() throws {
        final class Wisher: TrainingListener {
            let folder: RunFolder
            init(_ folder: RunFolder) { self.folder = folder }
            func handle(_ event: TrainingEvent) {
                guard case .step(let report, _) = event else { return }
                if report.step == 2 { #expect(throws: Never.self) { try ask(.sampleNow) } }
                if report.step == 3 { #expect(throws: Never.self) { try ask(.saveNow) } }
            }
            private func ask(_ wish: RunWish) throws { try wish.ask(in: folder) }
        }
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, kept: 9)
        let recorder = Recorder()
        run.trainer.previews = recorder
        run.trainer.previewTimes = PreviewTimes(every: 100, first: .never)
        let wisher = Wisher(run.folder)
        run.trainer.listeners.append(wisher)
        _ = try run.trainer.run(steps: 5)
        #expect(recorder.calls == ["2", "5"])
        let names = try place.names("run")
        #expect(names.filter { $0.hasPrefix("run_") } == ["run_000000003.safetensors"])
        #expect(!names.contains("sample_now") && !names.contains("save_now"))
    }

    @Test("a preview that fails is told, and training goes on as if there had been none")
    func failing() throws {
        struct NoPicture: Error, CustomStringConvertible { let description = "no picture today" }
        let (first, second) = try (TemporaryFolder(), TemporaryFolder())
        let plain = try TestRun(in: first)
        _ = try plain.trainer.run(steps: 5)
        let shown = try TestRun(in: second)
        let recorder = Recorder()
        recorder.failure = NoPicture()
        shown.trainer.previews = recorder
        shown.trainer.previewTimes = PreviewTimes(every: 2)
        _ = try shown.trainer.run(steps: 5)
        #expect(recorder.calls.count == 4)
        let sentence = "no previews after step 2: no picture today; training goes on"
        #expect(shown.events.notices.contains(sentence))
        #expect(try shown.bytes == plain.bytes)
    }

    @Test("a wish for previews in a run that has none is answered")
    func noPreviews() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place)
        try RunWish.sampleNow.ask(in: run.folder)
        _ = try run.trainer.run(steps: 2)
        #expect(
            run.events.notices == ["no previews: the run file has no sample section with prompts"]
        )
    }

    @Test("metrics tell of previews")
    func metrics() throws {
        let place = try TemporaryFolder()
        let path = place.path + "/metrics.jsonl"
        let log = try MetricsLog(path: path, keepingUpTo: 0)
        var report = PreviewReport()
        report.previews = [
            .init(path: "a.mp4", prompt: "a woman", seed: 3, voiceDistance: 4.5)
        ]
        log.handle(.previewed(report, step: 7))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(
            text
                == #"{"previews":{"failures":[],"peakBytes":0,"previews":[{"path":"a.mp4","prompt":"a woman","seed":3,"voiceDistance":4.5}],"seconds":0},"step":7}"#
                + "\n"
        )
    }
}
