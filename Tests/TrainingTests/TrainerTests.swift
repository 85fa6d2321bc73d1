import Adapters
import Foundation
import LTXModel
import RunFiles
import Safetensors
import Testing
import Torch

@testable import Training

/// Runs from start to end.
@Suite("Trainer") struct TrainerTests {
    @Test("ten steps equal five and five, bit by bit")
    func resumed() throws {
        let (first, second) = try (TemporaryFolder(), TemporaryFolder())
        let whole = try TestRun(in: first)
        _ = try whole.trainer.run(steps: 10)

        let begun = try TestRun(in: second)
        let stopped = try begun.trainer.run(steps: 5)
        #expect(stopped.step == 5)
        let resumed = try TestRun(in: second)
        #expect(try resumed.trainer.resume(from: resumed.folder.latestState) == 5)
        #expect(try resumed.bytes == begun.bytes)
        _ = try resumed.trainer.run(steps: 10)

        #expect(try resumed.bytes == whole.bytes)
        #expect(try begun.bytes != whole.bytes)
        let losses = (begun.events.steps + resumed.events.steps).map(\.videoLoss)
        #expect(losses == whole.events.steps.map(\.videoLoss))
        let factors = (begun.events.steps + resumed.events.steps).map(\.audioWeight)
        #expect(factors == whole.events.steps.map(\.audioWeight))
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: whole.folder.adapter))
                == Data(contentsOf: URL(fileURLWithPath: resumed.folder.adapter))
        )
    }

    @Test("training lowers the losses of both modalities at fixed noise")
    func learns() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place) { $0.rate = 1e-2 }
        run.trainer.measured = try TestRun.clips().map { TrainingFixture.batch([$0]) }
        let result = try run.trainer.run(steps: 40)
        let (before, after) = try (#require(result.before), #require(result.after))
        #expect(after.video < 0.95 * before.video)
        #expect(try #require(after.audio) < 0.95 * (#require(before.audio)))
        #expect(!result.wasStopped)
    }

    @Test("a stop request ends the run after its step, with everything saved")
    func stopped() throws {
        final class StopAfter: TrainingListener {
            let request = StopRequest()
            func handle(_ event: TrainingEvent) {
                if case .step(let report, _) = event, report.step == 3 { request.ask() }
            }
        }
        let place = try TemporaryFolder()
        let run = try TestRun(in: place)
        let listener = StopAfter()
        run.trainer.listeners.append(listener)
        let result = try run.trainer.run(steps: 10, stop: listener.request)
        #expect(result.wasStopped && result.step == 3)
        #expect(result.adapter == run.folder.adapter(step: 3))
        #expect(try RunProgress.read(from: run.folder.latestState).step == 3)
        let next = try TestRun(in: place)
        #expect(try next.trainer.resume(from: next.folder.latestState) == 3)
        #expect(try next.trainer.run(steps: 5).step == 5)
    }

    @Test("only the newest step adapters stay, and only the newest state")
    func oldAdapters() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, every: 1, kept: 2, only: ["attn1.to_q"])
        let other = "run_of_another_name_000000001.safetensors"
        try Data().write(to: URL(fileURLWithPath: run.folder.path + "/" + other))
        _ = try run.trainer.run(steps: 5)
        #expect(
            try place.names("run")
                == [
                    "run.safetensors", "run_000000003.safetensors", "run_000000004.safetensors",
                    other,
                    "state",
                ].sorted()
        )
        #expect(try place.names("run/state") == ["000000005", "latest"])
    }

    @Test("a saved adapter holds the trained matrices and says how far they are trained")
    func adapter() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, only: ["attn1.to_q"])
        _ = try run.trainer.run(steps: 2)
        let file = try SafetensorsFile(path: run.folder.adapter)
        #expect(file.metadata["training_info"] == #"{"step": 2}"#)
        #expect(file.names.count == 8)
        try withTorchErrors {
            let name = "diffusion_model.transformer_blocks.0.attn1.to_q.lora_A.weight"
            let stored = try Tensor(reading: name, from: file)
            #expect(stored.bytes() == run.network.parameters[0].bytes())
        }
    }

    @Test("a loss that is no number changes nothing; ten in a row end the run")
    func notFinite() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, items: [TestRun.broken()])
        let before = try run.bytes
        let error = #expect(throws: TrainingError.self) { try run.trainer.run(steps: 20) }
        #expect(run.events.steps.count == 10)
        #expect(
            run.events.steps.allSatisfy {
                $0.skipped == "a loss or gradient is not a finite number"
            }
        )
        #expect(try run.bytes == before)
        #expect(try place.names("run") == [])
        let text = try #require(error).description
        #expect(
            text.hasPrefix(
                "step 10: 10 steps in a row gave losses or gradients that are no numbers (sigma ["
            ),
            "\(text)"
        )
        #expect(
            text.hasSuffix(
                "clips broken); no saved file was overwritten; lower train.lr or check the clips named here"
            )
        )
    }

    @Test("a good step in between starts the count again")
    func recovered() throws {
        let place = try TemporaryFolder()
        let items = try Array(repeating: TestRun.broken(), count: 9) + [TestRun.clips()[0]]
        let run = try TestRun(in: place, items: items, only: ["attn1.to_q"])
        #expect(try run.trainer.run(steps: 20).step == 20)
        #expect(run.events.steps.count { $0.skipped != nil } == 18)
    }

    @Test("micro-batches are averaged, and their clips reported")
    func accumulation() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, only: ["attn1.to_q"]) { $0.accumulation = 3 }
        _ = try run.trainer.run(steps: 1)
        let report = try #require(run.events.steps.first)
        #expect(report.clips == ["a", "b", "c"])
        #expect(report.videoErrors.count == 3 && report.audioErrors.count == 3)
        let alone = try (0..<3).map { part in
            let single = try TestRun(in: TemporaryFolder(), only: ["attn1.to_q"])
            let noise = FlowMatching(options: FlowMatching.Options(), device: .cpu, seed: 5)
            return try withTorchErrors {
                let batch = TrainingFixture.batch([try TestRun.clips()[part]])
                let noisy = try noise.noisy(batch, at: FlowMatching.Place(step: 0, part: part))
                single.network.prepareStep(random: nil)
                let found = try TrainingFixture.transformer()(noisy.input)
                return found.video.map { noisy.video.loss(noisy.video.errors(of: $0)).item() }
                    ?? .nan
            }
        }
        // Fresh adapters change nothing, so the first losses are those of the base model.
        #expect(abs(report.videoLoss - alone.reduce(0, +) / 3) < 1e-5)
    }

    @Test("gradients are clipped together, and told apart by what they write")
    func norms() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place)
        _ = try run.trainer.run(steps: 1)
        let report = try #require(run.events.steps.first)
        let squares =
            report.videoGradientNorm * report.videoGradientNorm
            + report.audioGradientNorm * report.audioGradientNorm
        #expect(abs(report.gradientNorm - squares.squareRoot()) < 1e-9)
        #expect(report.videoGradientNorm > 0 && report.audioGradientNorm > 0)
    }
}
