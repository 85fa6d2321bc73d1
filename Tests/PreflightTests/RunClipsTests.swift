import Foundation
import Testing
import TrainingRun

@testable import Preflight

/// Which clips of a run count for what.
@Suite("Clips of a run", .serialized) struct RunClipsTests {
    private func sceneWithClip() throws -> CheckScene {
        let scene = try CheckScene()
        try scene.addExamples(1)
        return scene
    }

    @Test("clips without any sound ask for no voice, unless the preset names one")
    func silent() async throws {
        let scene = try CheckScene()
        try scene.addClip("mute.mp4", sound: ["-an"])
        let mute = (0..<24).map { RunRemarkTests.clip($0) { $0.channels = 0 } }
        let plain = RunRemarks(
            plan: try await scene.plan(train: RunRemarkTests.good),
            clips: mute,
            limits: CheckThresholds()
        )
        #expect(!plain.hears && plain.learnsFace)
        let named = RunRemarks(
            plan: try await scene.plan(process: "preset: face+voice", train: RunRemarkTests.good),
            clips: mute,
            limits: CheckThresholds()
        )
        #expect(named.hears)
    }

    @Test("images beside few clips starve the voice, and regularisation clips teach nobody")
    func starvation() async throws {
        let scene = try sceneWithClip()
        try scene.addImages(6)
        let plan = try await scene.plan(train: RunRemarkTests.good)
        let found = RunRemarks(
            plan: plan,
            clips: (0..<24).map { RunRemarkTests.clip($0) },
            limits: CheckThresholds()
        ).all
        #expect(
            found.last?.text
                == "sound is heard in 14 % of the steps only; give clips with sound more num_repeats, or use "
                + "fewer images"
        )
        let kept = try await scene.plan(
            datasets: [
                "{folder_path: \(scene.folder)/other, resolution: 64, num_frames: 17, is_reg: true}"
            ],
            train: RunRemarkTests.good,
            other: true
        )
        let review = try await Preflight().run(kept).review
        #expect(review.clips.filter { $0.role == .regularisation }.map(\.name) == ["02-rain.mp4"])
        #expect(review.clipCount == 7)
    }

    @Test("clips of one name in two folders are two clips")
    func names() async throws {
        let scene = try sceneWithClip()
        let plan = try await scene.plan(
            datasets: ["{folder_path: \(scene.folder)/other, resolution: 64, num_frames: 17}"],
            other: true,
            otherName: "01-greeting.mp4"
        )
        let review = try await Preflight().run(plan).review
        #expect(review.clips.map(\.name) == ["01-greeting.mp4", "01-greeting.mp4"])
        #expect(review.clips.allSatisfy { $0.duplicateOf == nil })
    }

    @Test("held-out clips are shown and not counted")
    func heldOut() async throws {
        let scene = try CheckScene()
        try scene.addExamples(4)
        let plan = try await scene.plan(train: "steps: 40, lr: 1e-4, validation_split: 0.25")
        let review = try await Preflight().run(plan).review
        #expect(review.clips.count == 4 && review.clipCount == 3 && review.heldOutCount == 1)
        let held = review.clips.filter { $0.role == .heldOut }
        #expect(held.map(\.usableSpeech) == [0] && review.usableSpeechSeconds > 0)
        #expect(review.text.contains("held out"))
    }
}
