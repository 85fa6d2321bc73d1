import Adapters
import ClipData
import Foundation
import LTXModel
import RunConfig
import Safetensors
import Testing
import Training
import TrainingRun

/// What becomes of clips with and without sound.
@Suite("Sound in runs", .serialized) struct SoundTests {
    private static let silence = [
        "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-map", "0:v", "-map", "1:a",
    ]

    @Test("a mixed set trains, and the plan says what its silent clips mean")
    func mixed() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try scene.addClip("mute.mp4", sound: ["-an"])
        let file = try scene.runFile(3)
        let plan = try await RunPlanner(file).plan()
        #expect(
            plan.summary.contains("1 of 2 clips without sound: their steps teach the face only")
        )
        let result = try await scene.train(file)
        let adapter = try SafetensorsFile(path: result.adapter)
        #expect(adapter.names.contains { $0.contains("audio_attn1") })
    }

    @Test("without any sound the audio side gets no adapters")
    func faceOnly() async throws {
        let scene = try RunScene()
        try scene.addClip("mute.mp4", sound: ["-an"])
        let file = try scene.runFile(2, dataset: [])
        let plan = try await RunPlanner(file).plan()
        #expect(plan.summary.contains("face only, no clip has sound"))
        let adapter = try SafetensorsFile(path: try await scene.train(file).adapter)
        #expect(!adapter.names.isEmpty)
        #expect(!adapter.names.contains { $0.contains("audio") })
    }

    @Test("sound that is asked for and not there stops the run before it begins")
    func askedForSound() async throws {
        let scene = try RunScene()
        try scene.addClip("mute.mp4", sound: ["-an"])
        let error = await #expect(throws: ConfigError.self) {
            _ = try await RunPlanner(scene.runFile(2)).plan()
        }
        #expect(
            error?.errors.map(\.path) == ["datasets[0].do_audio"]
                && error?.errors[0].message.contains("no clip has sound (1 looked at)") == true
        )
    }

    @Test("tracks that are all silent stop a run that asks for sound, and make others face only")
    func silentTracks() async throws {
        let scene = try RunScene()
        try scene.addClip("silent.mp4", sound: Self.silence + ["-c:a", "aac"])
        await #expect(throws: ModelInputError.self) { try await scene.train(scene.runFile(2)) }
        let result = try await scene.train(scene.runFile(2, dataset: []))
        let adapter = try SafetensorsFile(path: result.adapter)
        #expect(!adapter.names.contains { $0.contains("audio") })
    }

    @Test("a damaged track stops the run with its file's name, unless the run file allows it")
    func damagedTrack() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try scene.addClip("broken.mkv", sound: ["-c:a", "flac"])
        try scene.damageSound(of: "broken.mkv")
        let error = await #expect(throws: PreparationError.self) {
            try await scene.train(scene.runFile(2))
        }
        #expect(error?.report.failedSounds.map(\.name) == ["broken.mkv"])
        let result = try await scene.train(scene.runFile(2, train: ["strict_audio_mode: false"]))
        #expect(result.step == 2)
    }

    @Test("a modality whose loss counts nothing gets no adapters", arguments: ["audio", "video"])
    func noLoss(modality: String) async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let file = try scene.runFile(2, train: ["\(modality)_loss_multiplier: 0"])
        let adapter = try SafetensorsFile(path: try await scene.train(file).adapter)
        let writers = adapter.names.map { Pathway($0).writesAudio }
        #expect(!writers.isEmpty && writers.allSatisfy { $0 == (modality == "video") })
    }

    @Test("clips without sound are useless to a run that learns sound alone, and the plan says so")
    func uselessClips() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try scene.addClip("mute.mp4", sound: ["-an"])
        let file = try scene.runFile(2, train: ["video_loss_multiplier: 0"])
        let plan = try await RunPlanner(file).plan()
        #expect(
            plan.summary.contains(
                "1 of 2 clips without sound: their steps teach nothing, as video_loss_multiplier is 0; leave them out"
            )
        )
    }
}
