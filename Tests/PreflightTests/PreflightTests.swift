import Foundation
import LTXModel
import Media
import RunConfig
import SoundAnalysis
import Testing
import TinyModel
import Torch
import TrainingRun

@testable import Preflight

/// Whole checks on files that ffmpeg makes.
@Suite("Check before training", .serialized) struct PreflightTests {
    private func remarks(_ review: RunReview, _ clip: String) -> [String] {
        review.clips.first { $0.name == clip }?.remarks.map(\.text) ?? []
    }

    @Test("the example clips are looked into, and the verdicts say what stands against them")
    func examples() async throws {
        let scene = try CheckScene()
        try scene.addExamples(4)
        let review = try await scene.check().review
        #expect(review.clips.count == 4 && review.clipsWithSound == 4)
        #expect(review.clips.allSatisfy { ($0.sound?.speechSeconds ?? 0) > 0.5 })
        #expect(review.clips.allSatisfy { $0.sound?.loudness != nil && $0.channels > 0 })
        #expect(review.face == .doubtful && review.voice != .notAsked)
        let texts = review.remarks.map(\.text)
        #expect(texts.contains { $0.hasPrefix("train.steps is 40; voices were first heard") })
        #expect(
            texts.contains { $0.hasSuffix("usable speech; 3 to 6 minutes are reported to work") }
        )
        #expect(try #require(review.memoryBytes) > 0)
        #expect(try #require(review.time).secondsPerStep > 0)
        #expect(try #require(review.decodeBack).sounds.count == 4)
    }

    @Test("every kind of bad sound is a verdict on its clip, and the check goes on")
    func badSound() async throws {
        let scene = try CheckScene()
        try scene.addExamples(1)
        let silence = [
            "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-map", "0:v", "-map", "1:a",
        ]
        try scene.addClip("mute.mp4", sound: ["-an"])
        try scene.addClip("silent.mp4", sound: silence + ["-c:a", "aac"])
        try scene.addClip("broken.mkv", sound: ["-c:a", "flac"])
        try scene.damageSound(of: "broken.mkv")
        let chord =
            "aevalsrc=0.2*sin(2*PI*220*t)+0.2*sin(2*PI*277*t)+0.2*sin(2*PI*330*t):s=48000:d=3"
        try scene.addClip(
            "chord.mp4",
            sound: ["-f", "lavfi", "-i", chord, "-map", "0:v", "-map", "1:a", "-c:a", "aac"]
        )
        let review = try await scene.check().review
        #expect(remarks(review, "mute.mp4").contains("has no sound stream"))
        #expect(remarks(review, "silent.mp4").contains("its sound stream is silent"))
        #expect(
            remarks(review, "broken.mkv").contains { $0.hasPrefix("its sound cannot be decoded (") }
        )
        #expect(
            remarks(review, "chord.mp4").contains {
                $0.hasPrefix("sounds like music") || $0.contains("seem to be speech")
            }
        )
        #expect(review.voice == .no && review.isHopeless)
        #expect(
            review.remarks.map(\.text).contains(
                "1 clips have sound that cannot be decoded: training would stop before its first step"
            )
        )
    }

    @Test("copies are found by their bytes, missing captions by their absence")
    func copies() async throws {
        let scene = try CheckScene()
        try scene.addExamples(2)
        let clips = scene.folder + "/clips/"
        try FileManager.default.copyItem(
            atPath: clips + "01-greeting.mp4",
            toPath: clips + "zz.mp4"
        )
        let review = try await scene.check().review
        #expect(
            remarks(review, "zz.mp4") == [
                "has the same bytes as 01-greeting.mp4; keep one of them",
                "has no caption; write what is seen, what is said and how it sounds beside it",
            ]
        )
        let trigger = review.clips.first { $0.name == "zz.mp4" }?.caption.hasTrigger
        #expect(trigger == true)
    }

    @Test("preset: face asks for no voice, and none is judged")
    func face() async throws {
        let scene = try CheckScene()
        try scene.addExamples(1)
        let review = try await scene.check(process: "preset: face").review
        #expect(review.voice == .notAsked && review.face == .doubtful)
        #expect(review.decodeBack == nil)
    }

    @Test("sound that an earlier run cached is decoded from there")
    func cached() async throws {
        let scene = try CheckScene()
        try scene.addExamples(2)
        let before = try await scene.check().review.decodeBack
        #expect(before?.sounds.map(\.isCached) == [false, false])
        try await scene.prepare()
        let after = try await scene.check().review.decodeBack
        #expect(after?.sounds.map(\.isCached) == [true, true])
    }

    @Test("the signal to noise of a spectrogram is that of its difference")
    func snr() throws {
        try withTorchErrors {
            let random = try RandomGenerator(seed: 1)
            let mel = random.normal([1, 2, 200, 64])
            let noise = random.normal([1, 2, 197, 64]) * 0.1
            let decoded = mel.narrow(2, from: 0, count: 197) + noise
            #expect(abs(DecodeBackTest.snr(of: decoded, against: mel) - 20) < 0.2)
        }
    }

    @Test("the multiplications of a forward pass are those of its matrices")
    func flops() throws {
        let config = try Checkpoint(path: CheckScene.recording).transformerConfiguration
        let one = TimeEstimate.forward((video: 0, audio: 0), config)
        #expect(one == 0)
        let video = TimeEstimate.forward((video: 10, audio: 0), config)
        let shapes = config.blockLinearShapes.filter { !$0.path.contains("audio") }
        let linears = shapes.reduce(0) { $0 + 2 * 10 * $1.input * $1.output }
        let attention = 4 * config.blockCount * 100 * config.video.width
        #expect(video == Double(linears + attention))
    }

    @Test("JSON has the same fields for every run, in snake case")
    func json() async throws {
        let scene = try CheckScene()
        try scene.addExamples(1)
        let text = try await scene.check().review.json()
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let keys = try #require(object).keys.sorted()
        #expect(
            keys == [
                "clip_count", "clips", "clips_with_sound", "decode_back", "device", "device_bytes",
                "face",
                "memory_bytes", "model", "refused", "remarks", "run", "schema", "time",
                "transcript_share",
                "usable_speech_seconds", "voice",
            ]
        )
        let clip = try #require((object?["clips"] as? [[String: Any]])?.first)
        #expect(
            Set(clip.keys).isSuperset(of: [
                "name", "caption", "channels", "face", "voice", "fps", "seconds", "sound",
                "windows",
                "remarks", "wants_sound",
            ])
        )
    }
}
