import Adapters
import Foundation
import RunFiles
import Safetensors
import Testing
import Torch

@testable import Training

/// Clips that are measured and never trained on.
@Suite("Held-out clips") struct HeldOutTests {
    private func heldOut() throws -> [TrainingBatch] {
        [TrainingFixture.batch([try TrainingFixture.item("held", seed: 9)])]
    }

    private func results(_ run: TestRun) -> [(step: Int, result: HeldOutResult)] {
        run.events.events.compactMap {
            if case .heldOut(let result, let step) = $0 { (step, result) } else { nil }
        }
    }

    @Test("they are measured every k steps and at the end, adapter on against off")
    func turns() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place) { $0.rate = 5e-3 }
        run.trainer.watch(try heldOut(), every: 4, keepsBest: true)
        let result = try run.trainer.run(steps: 10)
        let found = results(run)
        #expect(found.map(\.step) == [4, 8, 10])
        #expect(Set(found.map(\.result.base.video)).count == 1)
        #expect(Set(found.map(\.result.adapted.video)).count == 3)
        #expect(result.heldOut == found.last?.result)
        let last = try #require(found.last?.result)
        #expect(last.faceGain == 1 - last.adapted.video / last.base.video)
        #expect(
            try #require(last.voiceGain) == 1 - #require(last.adapted.audio) / #require(
                last.base.audio
            )
        )
        #expect(last.base.videoBySigma.count == 4 && last.base.audioBySigma.count == 4)
    }

    @Test("the same clips and noise give the same losses, whatever was trained in between")
    func deterministic() throws {
        let place = try TemporaryFolder()
        let meter = try TestRun(in: place)
        let first = try meter.meter.measureBase(heldOut())
        _ = try meter.trainer.run(steps: 2)
        #expect(try meter.meter.measureBase(heldOut()) == first)
    }

    @Test("the best adapter by picture and by sound is kept under its name")
    func best() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place) { $0.rate = 5e-3 }
        // The training clips themselves: there the gains are sure to come.
        run.trainer.watch(
            try TestRun.clips().map { TrainingFixture.batch([$0]) },
            every: 5,
            keepsBest: true
        )
        let result = try run.trainer.run(steps: 20)
        let face = try #require(result.bestFace)
        let file = try SafetensorsFile(path: run.folder.bestFace)
        #expect(file.metadata["training_info"] == #"{"step": \#(face.step)}"#)
        #expect(face.gain == results(run).map(\.result.faceGain).max())
        let voice = try #require(result.bestVoice)
        #expect(FileManager.default.fileExists(atPath: run.folder.bestVoice))
        #expect(voice.gain == results(run).compactMap(\.result.voiceGain).max())
    }

    @Test("a resumed run remembers the best so far and does not measure the base again")
    func resumed() throws {
        let place = try TemporaryFolder()
        let first = try TestRun(in: place) { $0.rate = 5e-3 }
        first.trainer.watch(try heldOut(), every: 2, keepsBest: true)
        _ = try first.trainer.run(steps: 4)
        let memory = try RunProgress.read(from: first.folder.latestState).heldOut
        #expect(memory.base == results(first).first?.result.base)
        let next = try TestRun(in: place) { $0.rate = 5e-3 }
        next.trainer.watch(try heldOut(), every: 2, keepsBest: true)
        try next.trainer.resume(from: next.folder.latestState)
        _ = try next.trainer.run(steps: 6)
        #expect(results(next).first?.result.base == memory.base)
    }

    @Test("a voice that gets worse after it was good is told once")
    func turned() throws {
        let run = try TestRun(in: TemporaryFolder())
        let watch = HeldOutWatch(run.meter, try heldOut(), every: 1)
        let measure = try run.meter.measureBase(heldOut())
        var base = measure
        base.audio = (measure.audio ?? 0) * 2
        watch.memory.base = base
        // The fresh adapter halves the loss of this base.
        let good = try watch.measure(step: 1)
        #expect(good.isBestVoice && good.notice == nil)
        base.audio = (measure.audio ?? 0) * 1.1
        watch.memory.base = base
        let worse = try watch.measure(step: 2)
        #expect(!worse.isBestVoice)
        #expect(
            worse.notice?.hasPrefix("voice gain has turned: 9.1 % now, 50.0 % after step 1;")
                == true
        )
        #expect(try watch.measure(step: 3).notice == nil)
    }

    @Test("adapters of the sound that hardly move are told once, after a tenth of the run")
    func still() {
        var watch = VoiceChangeWatch()
        var change = AdapterChange(byPathway: ["video": 1e-3, "audio": 1e-6])
        #expect(watch.look(change, step: 40, of: 1000) == nil)
        let text = watch.look(change, step: 100, of: 1000)
        #expect(text?.hasPrefix("the adapters of the sound have hardly moved") == true)
        #expect(watch.look(change, step: 150, of: 1000) == nil)
        var other = VoiceChangeWatch()
        change.byPathway["audio"] = 1e-4
        #expect(other.look(change, step: 100, of: 1000) == nil)
    }

    @Test("the change of an adapter is the norm of the product of its matrices")
    func change() throws {
        try withTorchErrors {
            let network = try TrainingFixture.network(TrainingFixture.transformer(), filled: true)
            let member = try #require(network.members.first)
            let adapter = try #require(member.adapter as? LowRankAdapter)
            let whole = withoutGradients { adapter.up.matmul(adapter.down) }
            #expect(
                abs(Tensor.totalNorm([whole]).item() / adapter.changeNorm.detach().item() - 1)
                    < 1e-5
            )
            #expect(Set(network.changes.keys) == Set(network.pathways))
            #expect(network.changes.values.allSatisfy { $0 > 0 })
        }
    }
}
