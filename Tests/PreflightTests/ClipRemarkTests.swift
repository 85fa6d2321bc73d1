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

    @Test("a stretched clip is doubtful for the voice")
    func stretched() throws {
        let json =
            #"{"start":0,"seconds":4,"bucket":"b","videoLatents":[],"audioLatents":1,"stretch":1.25}"#
        let window = try JSON.decode(WindowReview.self, json)
        let clip = Self.clip { $0.windows = [window] }
        #expect(
            clip.remarks.map(\.text) == [
                "plays at 80 % of its speed, voice included; remove time_stretch"
            ]
        )
        #expect(clip.voice == .doubtful)
    }

    @Test("speech counts as far as windows cover it, once")
    func usable() throws {
        func window(_ start: Double) throws -> WindowReview {
            try JSON.decode(
                WindowReview.self,
                #"{"start":\#(start),"seconds":2,"bucket":"b","videoLatents":[],"audioLatents":1,"stretch":1}"#
            )
        }
        let clip = Self.clip { $0.windows = [] }
        #expect(clip.usableSpeech == 0)
        let windows = try [window(0), window(1)]
        let covered = Self.clip { $0.windows = windows }
        #expect(covered.coveredSeconds == 3)
        #expect(abs(covered.usableSpeech - 2.1) < 1e-9)
    }

    @Test(
        "spoken words are found in quotes and behind marks",
        arguments: [
            (#"ohwx says "hello there" in rain"#, "hello there"),
            ("ohwx says “hello there”", "hello there"), ("sie sagt „guten Abend“", "guten Abend"),
            ("[VISUAL]: a man [SPEECH]: we sail at dawn [SOUNDS]: wind", "we sail at dawn"),
            ("A woman saying: never mind that", "never mind that"),
        ]
    )
    func words(caption: String, words: String) {
        #expect(CaptionReview.transcript(in: caption) == words)
    }

    @Test(
        "a single quoted word, or none, is no transcript",
        arguments: [#"a "big" hat"#, "a man", ""]
    )
    func noWords(caption: String) {
        #expect(CaptionReview.transcript(in: caption) == nil)
    }

    @Test("of two verdicts the worse counts, and what nobody asked for does not")
    func verdicts() {
        #expect(Verdict.yes.worse(.doubtful) == .doubtful && Verdict.no.worse(.yes) == .no)
        #expect(
            Verdict.notAsked.worse(.yes) == .yes && Verdict.notAsked.worse(.notAsked) == .notAsked
        )
    }
}
