import RunFiles
import Testing

@testable import Training

/// Runs that are to learn a voice and have too little of it.
@Suite("Strict audio mode") struct StrictAudioTests {
    private func items(heard: Int, silent: Int) throws -> [TrainingItem] {
        var settings = TrainingItem.Settings()
        settings.expectsSound = true
        return try (0..<heard).map {
            try TrainingFixture.item("heard\($0).mp4", seed: 1, settings: settings)
        }
            + (0..<silent).map {
                try TrainingFixture.item("mute\($0).mp4", seed: 2, sound: nil, settings: settings)
            }
    }

    @Test("a run below the ratio ends after its warm-up and names the clips")
    func ends() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, items: items(heard: 1, silent: 2), only: ["attn1.to_q"]) {
            $0.strictAudio = StrictAudio(minimumRatio: 0.5, warmupSteps: 6)
        }
        let error = #expect(throws: StrictAudioError.self) { try run.trainer.run(steps: 20) }
        #expect(run.events.steps.count == 6)
        #expect(
            error?.description == """
                train.strict_audio_mode: 2 of 6 clips bring sound (33 %), should be 50 % at least; give \
                these clips their sound, move them to a dataset with do_audio: false, or lower \
                strict_audio_min_supervised_ratio:
                  mute0.mp4
                  mute1.mp4
                """
        )
    }

    @Test("a run at the ratio goes on, and clips that need no sound do not count")
    func goesOn() throws {
        let place = try TemporaryFolder()
        let images = [try TrainingFixture.item("picture.png", seed: 3, sound: nil)]
        let run = try TestRun(
            in: place,
            items: items(heard: 1, silent: 1) + images,
            only: ["attn1.to_q"]
        ) {
            $0.strictAudio = StrictAudio(minimumRatio: 0.5, warmupSteps: 0)
        }
        // In the first step only the clip with sound was seen.
        #expect(try run.trainer.run(steps: 6).step == 6)
        #expect(run.events.steps.last?.supervisedRatio == 0.5)
    }

    @Test("what was counted is part of the state")
    func state() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, items: items(heard: 2, silent: 1), only: ["attn1.to_q"])
        _ = try run.trainer.run(steps: 3)
        let found = try RunProgress.read(from: run.folder.latestState).supervision
        #expect(found.expected == 3 && found.supervised == 2 && found.silent == ["mute0.mp4": 1])
    }
}
