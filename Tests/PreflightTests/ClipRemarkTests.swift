import SoundAnalysis
import Testing

@testable import Preflight

/// What is said about single clips, on facts made up for the purpose.
@Suite("Remarks on clips") struct ClipRemarkTests {
    private static func facts(_ change: (inout SoundFacts) -> Void = { _ in }) -> SoundFacts {
        var facts = SoundFacts(
            seconds: 4,
            sampleRate: 48000,
            channels: .stereo,
            loudness: -20,
            truePeak: -3,
            peak: -3.2,
            noiseFloor: -60,
            speechShare: 0.7,
            speechSeconds: 2.8
        )
        change(&facts)
        return facts
    }

    private static func clip(_ change: (inout ClipReview) -> Void = { _ in }) -> ClipReview {
        let caption = CaptionReview(
            raw: #"ohwx says "good evening to all""#,
            full: #"ohwx says "good evening to all""#,
            trigger: "ohwx"
        )
        var clip = ClipReview(
            name: "a.mp4",
            width: 640,
            height: 360,
            fps: 24,
            seconds: 4,
            isImage: false,
            channels: 2,
            wantsSound: true,
            caption: caption,
            windows: []
        )
        clip.sound = facts()
        change(&clip)
        clip.remarks = ClipRemarks(limits: CheckThresholds()).remarks(on: clip)
        return clip
    }

    @Test("a good clip has no remarks and serves both")
    func good() {
        let clip = Self.clip()
        #expect(clip.remarks.isEmpty && clip.face == .yes && clip.voice == .yes)
    }

    private struct Fault: Sendable {
        let verdict: Verdict
        let text: String
        let change: @Sendable (inout ClipReview) -> Void

        init(
            _ verdict: Verdict,
            _ text: String,
            _ change: @escaping @Sendable (inout ClipReview) -> Void
        ) {
            self.verdict = verdict
            self.text = text
            self.change = change
        }

        /// The same for a change of the sound's facts.
        static func sound(
            _ verdict: Verdict,
            _ text: String,
            _ change: @escaping @Sendable (inout SoundFacts) -> Void
        ) -> Fault {
            Fault(verdict, text) { $0.sound = facts(change) }
        }
    }

    private static let faults = [
        Fault(.no, "its sound cannot be decoded (aac: broken); export it again") {
            $0.soundProblem = "aac: broken"
        },
        Fault(.no, "has no sound stream") { $0.channels = 0 },
        Fault(.no, "its sound stream is silent") { $0.sound = nil },
        .sound(.doubtful, "only 20 % of it seem to be speech; cut it closer to what is said") {
            $0.speechShare = 0.2
        },
        .sound(.no, "only 2 % of it seem to be speech; cut it closer to what is said") {
            $0.speechShare = 0.02
        },
        .sound(.doubtful, "sounds like music (steady tones); a voice is learned from speech alone")
        {
            $0.looksLikeMusic = true
            $0.musicReason = "steady tones"
        },
        .sound(.doubtful, "is clipped: 2.0 % of its samples are at full scale") {
            $0.clippedShare = 0.02
        },
        .sound(.doubtful, "is quiet: -40 LUFS; use audio_normalize: true or record louder") {
            $0.loudness = -40
            $0.noiseFloor = -80
        },
        .sound(
            .doubtful,
            "its noise lies only 12 dB below its voice; noise is learned with the voice"
        ) { $0.noiseFloor = -32 },
    ]

    @Test("each fault is a sentence with its effect on the voice", arguments: faults.indices)
    func fault(number: Int) {
        let fault = Self.faults[number]
        let clip = Self.clip(fault.change)
        #expect(clip.remarks.map(\.text) == [fault.text])
        #expect(clip.voice == fault.verdict && clip.face == .yes)
    }

    @Test("a clip without caption or with bytes of another is doubtful for both")
    func both() {
        let bare = Self.clip {
            $0.caption = CaptionReview(raw: " \n", full: "ohwx", trigger: "ohwx")
        }
        #expect(
            bare.remarks.map(\.text) == [
                "has no caption; write what is seen, what is said and how it sounds beside it"
            ]
        )
        #expect(bare.face == .doubtful && bare.voice == .doubtful)
        let copy = Self.clip { $0.duplicateOf = "b.mp4" }
        #expect(copy.remarks.map(\.text) == ["has the same bytes as b.mp4; keep one of them"])
        #expect(copy.usableSpeech == 0)
    }

    @Test("a caption without spoken words is told and takes nothing away")
    func transcript() {
        let clip = Self.clip {
            $0.caption = CaptionReview(raw: "a man in rain", full: "ohwx a man", trigger: "ohwx")
        }
        #expect(
            clip.remarks.map(\.text) == [
                "its caption has no words that are spoken; add them in quotes"
            ]
        )
        #expect(clip.voice == .yes)
    }

    @Test("where hardly anything is pause, the floor is quiet speech and nothing is said of noise")
    func dense() {
        let clip = Self.clip {
            $0.sound = Self.facts {
                $0.noiseFloor = -32
                $0.speechShare = 0.9
            }
        }
        #expect(clip.remarks.isEmpty)
    }

    private static func window(
        _ start: Double = 0,
        seconds: Double = 2,
        stretch: Double = 1,
        enlargement: Double = 1
    ) -> WindowReview {
        WindowReview(
            start: start,
            seconds: seconds,
            bucket: "64x64x17",
            videoLatents: [128, 3, 2, 2],
            audioLatents: 18,
            stretch: stretch,
            enlargement: enlargement
        )
    }

    @Test("a stretched clip is doubtful for the voice")
    func stretched() {
        let clip = Self.clip { $0.windows = [Self.window(stretch: 1.25)] }
        #expect(
            clip.remarks.map(\.text) == [
                "plays at 80 % of its speed, voice included; remove time_stretch"
            ]
        )
        #expect(clip.voice == .doubtful && clip.face == .yes)
    }

    @Test("an enlarged clip is doubtful for the face")
    func enlarged() {
        let clip = Self.clip { $0.windows = [Self.window(enlargement: 2)] }
        #expect(
            clip.remarks.map(\.text) == [
                "is enlarged 2.0 times and stays blurred; use a larger source or a smaller resolution"
            ]
        )
        #expect(clip.voice == .yes && clip.face == .doubtful)
        #expect(Self.clip { $0.windows = [Self.window(enlargement: 1.2)] }.remarks.isEmpty)
    }

    @Test(
        "damage where no window lies, and windows that are silent, are told and take nothing away"
    )
    func gaps() {
        let clip = Self.clip {
            $0.windows = [Self.window(), Self.window(2)]
            $0.soundProblemElsewhere = "aac: broken"
            $0.silentWindows = 1
        }
        #expect(
            clip.remarks.map(\.text) == [
                "its sound cannot be decoded outside of its windows (aac: broken); training hears none of "
                    + "that",
                "1 of its 2 windows are silent and teach the face only",
            ]
        )
        #expect(clip.voice == .yes)
    }

    @Test("music without any speech is not usable for the voice")
    func music() {
        let clip = Self.clip {
            $0.sound = Self.facts {
                $0.looksLikeMusic = true
                $0.speechShare = 0
            }
        }
        #expect(
            clip.remarks.map(\.text) == [
                "sounds like music; a voice is learned from speech alone",
                "only 0 % of it seem to be speech; cut it closer to what is said",
            ]
        )
        #expect(clip.voice == .no && clip.face == .yes)
    }

    @Test("pictures that cannot be decoded make a clip useless")
    func pictures() {
        let clip = Self.clip { $0.pictureProblem = "h264: broken" }
        #expect(
            clip.remarks.map(\.text) == [
                "its pictures cannot be decoded (h264: broken); export it again"
            ]
        )
        #expect(clip.voice == .no && clip.face == .no)
    }

    @Test("of a regularisation clip only damage is told")
    func regularisation() {
        let clip = Self.clip {
            $0.role = .regularisation
            $0.caption = CaptionReview(raw: "", full: "", trigger: "ohwx")
            $0.sound = Self.facts { $0.speechShare = 0 }
        }
        #expect(clip.remarks.isEmpty)
        let broken = Self.clip {
            $0.role = .regularisation
            $0.soundProblem = "aac: broken"
        }
        #expect(broken.voice == .no)
    }

    @Test("overlapping windows cover a clip once, and one window at two sizes is one")
    func covered() {
        let windows = [Self.window(1), Self.window(0), Self.window(0), Self.window(4)]
        let clip = Self.clip { $0.windows = windows }
        #expect(clip.covered == [0...3, 4...6] && clip.distinctWindows.count == 3)
    }

    @Test("speech in windows is usable in training clips that bring a voice, and nowhere else")
    func usable() {
        func speech(_ change: (inout ClipReview) -> Void) -> Double {
            Self.clip {
                $0.windows = [Self.window()]
                $0.speechInWindows = 1.5
                change(&$0)
            }.usableSpeech
        }
        #expect(speech { _ in } == 1.5)
        #expect(speech { $0.role = .heldOut } == 0)
        #expect(speech { $0.role = .regularisation } == 0)
        #expect(speech { $0.duplicateOf = "b.mp4" } == 0)
        #expect(speech { $0.wantsSound = false } == 0)
        #expect(speech { $0.speechInWindows = 0.1 } == 0)
    }

    @Test("of two verdicts the worse counts, and what nobody asked for does not")
    func verdicts() {
        #expect(Verdict.yes.worse(.doubtful) == .doubtful && Verdict.no.worse(.yes) == .no)
        #expect(
            Verdict.notAsked.worse(.yes) == .yes && Verdict.notAsked.worse(.notAsked) == .notAsked
        )
    }
}
