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
            texts.contains { $0.contains("usable speech; 3 to 6 minutes are reported to work") }
        )
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
                "sound cannot be decoded in broken.mkv: training would stop before its first step; "
                    + "remove or repair them"
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
        #expect(trigger == false)
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

    @Test("JSON has the fields that scripts count on, in snake case")
    func json() async throws {
        let scene = try CheckScene()
        try scene.addExamples(1)
        let text = try await scene.check().review.json()
        let review = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        #expect(
            keys(review)
                == "clip_count clips clips_with_sound decode_back device device_bytes face held_out_count "
                + "memory_bytes model models_are_here refused remarks run schema text_encoder time "
                + "transcript_share usable_speech_seconds voice"
        )
        let clip = (review?["clips"] as? [Any])?.first
        #expect(
            keys(clip)
                == "caption channels face fps height is_image name notes picture_codec remarks role seconds "
                + "silent_windows sound sound_codec speech_in_windows usable_speech voice wants_sound width "
                + "windows"
        )
        #expect(keys(value("caption", clip)) == "has_trigger is_there text transcript")
        #expect(
            keys((value("windows", clip) as? [Any])?.first)
                == "audio_latents bucket enlargement seconds start stretch video_latents"
        )
        #expect(
            keys(value("sound", clip)).hasPrefix("channels clipped_share looks_like_music loudness")
        )
        #expect(
            keys(review?["time"])
                == "flops_per_second flops_per_step is_measured seconds seconds_per_step steps"
        )
        #expect(keys(review?["decode_back"]) == "median sounds")
        #expect(keys((review?["remarks"] as? [Any])?.first) == "effect subject text")
    }

    private func value(_ key: String, _ object: Any?) -> Any? { (object as? [String: Any])?[key] }

    private func keys(_ object: Any?) -> String {
        ((object as? [String: Any])?.keys.sorted() ?? []).joined(separator: " ")
    }

    @Test("damage outside of the windows that are trained is told and takes nothing away")
    func damageElsewhere() async throws {
        let scene = try CheckScene()
        try scene.addExamples(1)
        try scene.addClip("late.mkv", sound: ["-c:a", "flac"])
        try scene.damageSound(of: "late.mkv", after: 2.5)
        let review = try await Preflight().run(
            scene.plan(dataset: "windows_per_clip: 1")
        ).review
        let clip = try #require(review.clips.first { $0.name == "late.mkv" })
        #expect(clip.soundProblem == nil && clip.soundProblemElsewhere != nil)
        #expect(clip.sound != nil && clip.voice != .no)
    }

    @Test("pictures are looked at without a page too, and damage in them ends no check")
    func damagedPictures() async throws {
        let scene = try CheckScene()
        try scene.addExamples(2)
        try scene.damagePictures(of: "02-rain.mp4")
        let review = try await scene.check().review
        let clip = try #require(review.clips.first { $0.name == "02-rain.mp4" })
        #expect(clip.pictureProblem != nil && clip.face == .no)
        #expect(clip.remarks.contains { $0.text.hasPrefix("its pictures cannot be decoded (") })
        #expect(review.face == .no && review.clips.count == 2)
    }
}
