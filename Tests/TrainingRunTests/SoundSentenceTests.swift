import ClipData
import Foundation
import Testing
import Training
import TrainingRun

/// Five ways in which sound goes missing elsewhere without a word, and what is said here.
@Suite("Evidence: sentences about sound", .serialized) struct SoundSentenceTests {
    /// What is said before training: the plan, then what preparation throws or reports.
    private func said(_ scene: RunScene, train: [String] = []) async throws -> String {
        let file = try scene.runFile(1, train: train, dataset: [])
        let plan = try await RunPlanner(file).plan().summary
        var report = ""
        do {
            try await scene.train(file) {
                if case .encoded(let found) = $0 { report = "\(found)" }
            }
            return plan + report
        } catch {
            return plan + "\(error)"
        }
    }

    @Test("d: a track that cannot be decoded stops the run, with file, reason and what to do")
    func decodeFailure() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try scene.addClip("broken.mkv", sound: ["-c:a", "flac"])
        try scene.damageSound(of: "broken.mkv")
        let text = try await said(scene)
        #expect(
            text.contains(
                "these clips have sound that cannot be decoded, all should be; export them again"
            )
        )
        #expect(text.contains("\n  broken.mkv: "))
        let allowed = try await said(scene, train: ["strict_audio_mode: false"])
        #expect(
            allowed.contains(
                "Audio latent caching: 0 encoded, 1 failed, 0 without sound, 1 from cache"
            )
        )
    }

    @Test("d: an mp4 whose AAC track is broken stops the run likewise")
    func brokenAAC() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try scene.addClip("aac.mp4", sound: ["-c:a", "aac"])
        try scene.damageSound(of: "aac.mp4")
        let text = try await said(scene)
        #expect(text.contains("these clips have sound that cannot be decoded"))
        #expect(text.contains("\n  aac.mp4: "), "\(text)")
    }

    @Test("d: a 5.1 file is mixed down to stereo, centre channel included, and the plan says so")
    func surround() async throws {
        let scene = try RunScene()
        let voice = "[0:a]pan=5.1|FC=c0[a]"
        try scene.addClip(
            "film.mkv",
            sound: ["-filter_complex", voice, "-map", "0:v", "-map", "[a]", "-c:a", "flac"]
        )
        let text = try await said(scene)
        #expect(text.contains("sound mixed down to stereo: film.mkv (6 channels)"))
        // The voice is in the centre alone: had it been lost, the track would be silent.
        #expect(text.contains("Audio latent caching: 1 encoded, 0 failed, 0 without sound"))
    }

    @Test("d: a file with pictures alone is counted, and its voice is not invented")
    func picturesAlone() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try scene.addClip("mute.mp4", sound: ["-an"])
        let text = try await said(scene, train: ["voice_preservation: {clips: 0}"])
        #expect(text.contains("1 clip with sound, 1 seconds; 1 without"))
        #expect(text.contains("no sound: mute.mp4"))
        #expect(
            text.contains(
                "1 of 2 clips without sound: their steps teach the face only, the base model's voice is kept on them"
            )
        )
        #expect(text.contains("Audio latent caching: 1 encoded, 0 failed, 1 without sound"))
    }

    @Test("d: a cache that an earlier run filled without sound is filled again, and says what with")
    func staleCache() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try await scene.train(scene.runFile(1, dataset: ["do_audio: false"], name: "earlier"))
        let text = try await said(scene)
        #expect(text.contains("Video latent caching: 1 encoded, 0 failed, 1 made anew"))
        #expect(text.contains("Audio latent caching: 1 encoded, 0 failed, 0 without sound"))
    }
}
