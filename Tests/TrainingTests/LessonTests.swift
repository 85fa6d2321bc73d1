import Adapters
import LTXModel
import Testing
import Torch

@testable import Training

/// Adapters of a modality that nothing is said about stay as they are.
@Suite("Lessons") struct LessonTests {
    /// The parameters after a few steps, by pathway, and whether they changed.
    private func changed(
        _ items: [TrainingItem],
        change: (inout StepOptions) -> Void = { _ in }
    ) throws -> [Pathway: Bool] {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, items: items, filled: true, decay: 0, change: change)
        let before = try run.bytes
        _ = try run.trainer.run(steps: 3)
        let pairs = zip(run.network.pathways, zip(before, try run.bytes).map { $0 != $1 })
        return Dictionary(pairs.map { ($0, $1) }) { $0 || $1 }
    }

    @Test("a batch without sound leaves what writes the sound alone")
    func silentBatch() throws {
        let found = try changed([TrainingFixture.item("a", seed: 1, sound: nil)])
        #expect(found[.video] == true && found[.audioToVideo] == true)
        #expect(found[.audio] == false && found[.videoToAudio] == false)
    }

    @Test("with the picture's loss at 0, what writes the picture stays as it is")
    func soundAlone() throws {
        let found = try changed([TrainingFixture.item("a", seed: 1)]) { $0.videoFactor = 0 }
        #expect(found[.video] == false && found[.audioToVideo] == false)
        #expect(found[.audio] == true && found[.videoToAudio] == true)
    }

    @Test("with sound and picture, everything learns")
    func both() throws {
        let found = try changed([TrainingFixture.item("a", seed: 1)])
        #expect(found.values.allSatisfy { $0 })
    }

    @Test("the sound learns at a rate of its own")
    func rates() throws {
        let found = try changed([TrainingFixture.item("a", seed: 1)]) { $0.audioRate = 0 }
        #expect(found[.video] == true && found[.audioToVideo] == true)
        #expect(found[.audio] == false && found[.videoToAudio] == false)
    }

    @Test(
        "a run without sound has no audio tokens, and what the model says of sound stays bit for bit"
    )
    func facesOnly() throws {
        let place = try TemporaryFolder()
        let silent = [try TrainingFixture.item("a", seed: 1, sound: nil)]
        let run = try TestRun(in: place, items: silent, includesAudio: false) { $0.rate = 1e-2 }
        #expect(run.network.pathways.allSatisfy { $0 == .video })
        _ = try run.trainer.run(steps: 5)
        try withTorchErrors {
            let noise = FlowMatching(options: FlowMatching.Options(), device: .cpu, seed: 5)
            let batch = TrainingFixture.batch([try TrainingFixture.item("b", seed: 2)])
            var input = try noise.noisy(batch, at: FlowMatching.Place(step: 0, part: 0)).input
            // The sound as a model that only hears makes it: no picture beside it.
            input.video = nil
            let adapted = withoutGradients { run.transformer(input).audio }
            let base = run.network.detached { withoutGradients { run.transformer(input).audio } }
            #expect(try #require(adapted).bytes() == #require(base).bytes())
        }
    }

    @Test("a batch's adapters work at its set's strength, and at 1 again afterwards")
    func networkWeight() throws {
        var settings = TrainingItem.Settings()
        settings.networkWeight = 0
        let found = try changed([TrainingFixture.item("a", seed: 1, settings: settings)])
        #expect(found.values.allSatisfy { !$0 })
        let place = try TemporaryFolder()
        settings.networkWeight = -0.5
        let run = try TestRun(
            in: place,
            items: [TrainingFixture.item("a", seed: 1, settings: settings)]
        )
        _ = try run.trainer.run(steps: 1)
        #expect(run.network.strength == 1)
        #expect(run.network.members.allSatisfy { $0.adapter.strength == 1 })
    }

    @Test("where the base model is the target, a fresh adapter has nothing to learn")
    func priorIsTarget() throws {
        var settings = TrainingItem.Settings()
        settings.learnsFromBase = true
        let place = try TemporaryFolder()
        let item = try TrainingFixture.item("a", seed: 1, settings: settings)
        let run = try TestRun(in: place, items: [item])
        _ = try run.trainer.run(steps: 1)
        let report = try #require(run.events.steps.first)
        #expect(report.videoLoss == 0 && report.audioLoss == 0)
    }

    @Test("losses beyond max_loss do not teach")
    func clamp() throws {
        let found = try changed([TrainingFixture.item("a", seed: 1)]) {
            $0.maxLoss = 1e-6
            $0.maxGradientNorm = 0
        }
        #expect(found.values.allSatisfy { !$0 })
    }
}
