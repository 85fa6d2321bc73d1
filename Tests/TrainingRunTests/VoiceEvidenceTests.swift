import Foundation
import RunConfig
import Testing
import Training
import TrainingRun

/// What `docs/evidence/voice.md` says, measured again: whole runs on the example clips and the tiny model.
@Suite("Evidence: voice", .serialized) struct VoiceEvidenceTests {
    private static let steps = 120

    /// Trains on nine of the twelve example clips and measures the other three.
    private func gains(
        train: [String] = [],
        dataset: [String] = ["do_audio: true"],
        mutes: Bool = false
    ) async throws -> HeldOutResult {
        let scene = try RunScene()
        try scene.addClips(12)
        try scene.holdOut(["03-forest", "06-sea", "09-stage"])
        if mutes { try scene.muteClips() }
        let file = try scene.runFile(
            Self.steps,
            train: ["validation_folder: \(scene.folder)/held", "held_out_every: 1000"] + train,
            dataset: dataset
        )
        return try #require(try await scene.train(file).heldOut)
    }

    private func show(_ name: String, _ result: HeldOutResult) {
        let voice = result.voiceGain ?? .nan
        print(
            String(
                format: "evidence %@: face gain %.4f, voice gain %.4f",
                name,
                result.faceGain,
                voice
            )
        )
    }

    @Test("a: held-out sound is learned: its loss falls by 40 % at least")
    func soundIsLearned() async throws {
        let result = try await gains()
        show("a, with sound", result)
        #expect(try #require(result.voiceGain) > 0.4)
        #expect(result.faceGain > 0.4)
    }

    @Test("a: from clips whose sound is cut nothing is learned of it, and the face is")
    func cutSound() async throws {
        let result = try await gains(dataset: [], mutes: true)
        show("a, sound cut", result)
        #expect(abs(try #require(result.voiceGain)) < 0.05)
        #expect(result.faceGain > 0.4)
    }

    @Test(
        "every audio sigma policy learns the voice at the diagonal that is sampled",
        arguments: [
            "independent_audio_timestep: false", "audio_timestep_type: uniform",
            "audio_timestep_type: match", "audio_timestep_type: shifted",
            "mixed_audio_timestep: 0.5",
        ]
    )
    func policies(key: String) async throws {
        let result = try await gains(train: [key])
        show(key, result)
        #expect(try #require(result.voiceGain) > 0.4)
    }

    @Test(
        "every balance of the losses learns both",
        arguments: [
            "audio_balance: fixed", "audio_balance: loss_average", "audio_balance: gradient_norm",
        ]
    )
    func balances(key: String) async throws {
        let result = try await gains(train: [key])
        show(key, result)
        #expect(try #require(result.voiceGain) > 0.4)
        #expect(result.faceGain > 0.4)
    }

    @Test(
        "the presets do what they are called: voice, face, or both",
        arguments: TrainingPreset.allCases
    )
    func presets(preset: TrainingPreset) async throws {
        let scene = try RunScene()
        try scene.addClips(12)
        try scene.holdOut(["03-forest", "06-sea", "09-stage"])
        let file = try scene.runFile(
            Self.steps,
            train: [
                "audio_lr: 1e-2", "validation_folder: \(scene.folder)/held", "held_out_every: 1000",
            ],
            dataset: [],
            preset: preset
        )
        let result = try #require(try await scene.train(file).heldOut)
        show("preset \(preset.rawValue)", result)
        // The streams see each other: a voice that is learned moves the picture's loss a little too.
        #expect((result.faceGain > 0.4) == (preset != .voice))
        if let voice = result.voiceGain { #expect((voice > 0.4) == (preset != .face)) }
    }
}
