import Foundation
import SoundAnalysis
import Testing
import TrainingRun

@testable import Preflight

/// What is said about runs: real plans, and clips made up for the purpose.
@Suite("Remarks on runs", .serialized) struct RunRemarkTests {
    static func clip(
        _ number: Int,
        speech: Double = 10,
        change: (inout ClipReview) -> Void = { _ in }
    ) -> ClipReview {
        var clip = ClipReview(
            name: "\(number).mp4",
            width: 640,
            height: 360,
            fps: 24,
            seconds: 12,
            isImage: false,
            channels: 2,
            wantsSound: true,
            caption: CaptionReview(
                raw: "\(number) \"a b\"",
                full: "\(number) \"a b\"",
                trigger: ""
            ),
            windows: []
        )
        clip.sound = SoundFacts(seconds: 12, sampleRate: 48000, channels: .stereo, speechShare: 0.8)
        clip.speechInWindows = speech
        change(&clip)
        clip.remarks = clip.soundProblem == nil ? [] : [Remark(.voice, .no, "")]
        return clip
    }

    static let good = "steps: 2000, lr: 1e-4, dtype: fp32"

    private func remarks(
        _ plan: RunPlan,
        _ clips: [ClipReview]
    ) -> (texts: [String], face: Verdict, voice: Verdict) {
        let about = RunRemarks(plan: plan, clips: clips, limits: CheckThresholds())
        let all = about.all
        return (all.map(\.text), all.verdict(on: .face), all.verdict(on: .voice))
    }

    private func scene() throws -> CheckScene {
        let scene = try CheckScene()
        try scene.addExamples(1)
        return scene
    }

    @Test("enough clips, speech and steps are yes to both")
    func good() async throws {
        let plan = try await scene().plan(train: Self.good)
        let found = remarks(plan, (0..<24).map { Self.clip($0) })
        #expect(
            found.texts == [
                "24 clips show it",
                "4.0 minutes of usable speech; 3 to 6 minutes are reported to work",
            ]
        )
        #expect(found.face == .yes && found.voice == .yes)
    }

    @Test("few clips make the face doubtful, none make it hopeless")
    func faces() async throws {
        let plan = try await scene().plan(process: "preset: face", train: Self.good)
        let some = remarks(plan, (0..<9).map { Self.clip($0) })
        let told = "20 to 50 are reported to work, from many sides and in many lights"
        #expect(some.texts == ["9 clips show it; \(told)"] && some.face == .yes)
        let one = remarks(plan, [Self.clip(0)])
        #expect(one.texts == ["1 clip shows it; \(told)"] && one.face == .doubtful)
        let none = remarks(plan, [])
        #expect(none.texts == ["no clip can be used; add clips that show the character"])
        #expect(none.face == .no)
    }

    @Test("a minute of speech is doubtful, some seconds are hopeless")
    func speech() async throws {
        let plan = try await scene().plan(train: Self.good)
        let minute = remarks(plan, (0..<24).map { Self.clip($0, speech: 2.5) })
        #expect(
            minute.texts.last == "60 seconds of usable speech; 3 to 6 minutes are reported to work"
        )
        #expect(minute.voice == .doubtful && minute.face == .yes)
        let seconds = remarks(plan, (0..<24).map { Self.clip($0, speech: 0.5) })
        #expect(
            seconds.texts.last
                == "12 seconds of usable speech; 3 to 6 minutes are reported to work, so add clips in which "
                + "the character speaks"
        )
        #expect(seconds.voice == .no)
    }

    @Test("too few steps and a rate that is far off are doubtful")
    func course() async throws {
        let plan = try await scene().plan(
            train: "steps: 500, lr: 1e-2, audio_lr: 1e-6, dtype: fp32"
        )
        let found = remarks(plan, (0..<24).map { Self.clip($0) }).texts
        #expect(found.contains("train.lr is 0.01: a LoRA may break at that; use 1e-4"))
        #expect(found.contains("train.audio_lr is 1e-06: little is learned; use 1e-4"))
        #expect(found.contains("train.steps is 500; faces were reported to lock at 1250 to 2000"))
        #expect(found.contains("train.steps is 500; voices were first heard at about 750"))
    }

    @Test("sound that cannot be decoded stops training, unless strict audio mode is off")
    func damaged() async throws {
        let scene = try scene()
        let clips = (0..<24).map { number in
            Self.clip(number) { if number < 5 { $0.soundProblem = "aac: broken" } }
        }
        let strict = remarks(try await scene.plan(train: Self.good), clips)
        let names = "sound cannot be decoded in 0.mp4, 1.mp4, 2.mp4 and 2 more: "
        #expect(
            strict.texts.contains(
                names + "training would stop before its first step; remove or repair them"
            )
        )
        #expect(strict.voice == .no)
        let lenient = remarks(
            try await scene.plan(train: Self.good + ", strict_audio_mode: false"),
            clips
        )
        #expect(
            lenient.texts.contains(names + "strict_audio_mode is off, so they teach the face only")
        )
        #expect(lenient.voice == .doubtful)
    }

    @Test("pictures that cannot be decoded stop training")
    func pictures() async throws {
        let plan = try await scene().plan(train: Self.good)
        let clips = (0..<24).map { number in
            Self.clip(number) { if number == 3 { $0.pictureProblem = "h264: broken" } }
        }
        let found = remarks(plan, clips)
        #expect(
            found.texts.contains(
                "pictures cannot be decoded in 3.mp4: training would stop before its first step; remove or "
                    + "repair them"
            )
        )
        #expect(found.face == .no && found.voice == .no)
    }

    @Test("speech under music is doubtful once it is much of all")
    func music() async throws {
        let plan = try await scene().plan(train: Self.good)
        func clips(_ count: Int) -> [ClipReview] {
            (0..<24).map { number in
                Self.clip(number) { $0.sound?.looksLikeMusic = number < count }
            }
        }
        #expect(remarks(plan, clips(4)).voice == .yes)
        let many = remarks(plan, clips(12))
        #expect(
            many.texts.contains(
                "2.0 minutes of the usable speech lie in clips that sound like music "
                    + "(0.mp4, 1.mp4, 2.mp4 and 9 more); it is learned with the voice"
            )
        )
        #expect(many.voice == .doubtful)
    }

    @Test("captions without spoken words are told, captions that are all the same are doubtful")
    func captions() async throws {
        let plan = try await scene().plan(train: Self.good, trigger: "")
        let same = CaptionReview(raw: "a man", full: "a man", trigger: "")
        let found = remarks(plan, (0..<24).map { Self.clip($0) { $0.caption = same } })
        #expect(
            found.texts.contains(
                "there is no trigger_word: nothing calls the character; use a word that means nothing"
            )
        )
        #expect(
            found.texts.contains(
                "all captions are the same: what changes from clip to clip is learned with the character; "
                    + "say what is seen and said in each"
            )
        )
        #expect(
            found.texts.last
                == "0 % of captions hold spoken words; exact words in quotes tie the voice to speech"
        )
        #expect(found.face == .doubtful && found.voice == .doubtful)
    }

    @Test("a text encoder that is not here is told")
    func encoder() async throws {
        let plan = try await scene().plan(train: Self.good, encoder: "nobody/no-such-encoder")
        #expect(
            remarks(plan, (0..<24).map { Self.clip($0) }).texts.first
                == "the text encoder nobody/no-such-encoder is not on this machine yet; train downloads it "
                + "first"
        )
    }

    @Test("a model that is not here is told, and what is not checked for that")
    func model() async throws {
        let plan = try await scene().plan(train: Self.good, model: "nobody/no-such-model")
        #expect(
            remarks(plan, (0..<24).map { Self.clip($0) }).texts.first
                == "nobody/no-such-model is not on this machine yet, so its kind, memory and time are not "
                + "checked; train downloads it, or: likeness model fetch nobody/no-such-model"
        )
        let review = try await Preflight().run(plan).review
        #expect(!review.modelsAreHere && review.time == nil && review.memoryBytes == nil)
        #expect(review.decodeBack == nil)
    }

    @Test("a model that is larger than the device is doubtful")
    func memory() {
        let found = RunRemarks.memory(needed: 60_000_000_000, has: 24_000_000_000, on: "cuda:0")
        #expect(
            found.map(\.text) == [
                "about 60 GB of memory are needed, cuda:0 has 24 GB; use a smaller resolution, fewer frames "
                    + "or a batch of 1"
            ]
        )
        #expect(found.verdict(on: .face) == .doubtful)
        #expect(RunRemarks.memory(needed: 1, has: 2, on: "cpu").isEmpty)
    }

    @Test("a distilled model is doubtful for both")
    func distilled() async throws {
        let scene = try scene()
        let (from, to) = (
            scene.folder + "/model/checkpoint.safetensors",
            scene.folder + "/model/distilled.safetensors"
        )
        try FileManager.default.moveItem(atPath: from, toPath: to)
        let plan = try await scene.plan(train: Self.good, model: "distilled.safetensors")
        let found = remarks(plan, (0..<24).map { Self.clip($0) })
        #expect(
            found.texts.contains {
                $0.hasPrefix("model.name_or_path: looks like a distilled model by its name")
            }
        )
        #expect(found.face == .doubtful && found.voice == .doubtful)
    }
}
