import Media
import Testing

@testable import SoundAnalysis

@Suite struct SpeechTests {
    private func marks(_ path: String) throws -> [Bool] {
        let waveform = try SoundTool.waveform(path)
        let count = FrameLevels(waveform).values.count
        let meter = SpeechFrameMeter(AnalysisSignal(waveform))
        return SpeechDetector.speech(meter.frames(count: count))
    }

    @Test("speech is found where it is, and not in the pauses", arguments: [false, true])
    func positions(withNoise: Bool) throws {
        let (clean, pauses) = try TestSounds.voiceWithPauses()
        let noise = "anoisesrc=c=pink:a=0.02:r=16000:seed=4"
        let path =
            try withNoise
            ? SoundTool.sound(
                "pauses-pink.wav",
                [
                    "-i", clean, "-f", "lavfi", "-i", noise, "-filter_complex",
                    "amix=inputs=2:duration=first:normalize=0", "-c:a", "pcm_f32le",
                ]
            ) : clean

        let marks = try marks(path)

        // A frame at the border counts to neither side.
        let times = marks.indices.map { (Double($0) + 0.5) * 0.02 }
        let inPauses = times.indices.filter { index in
            pauses.contains {
                $0.lowerBound + 0.03 < times[index] && times[index] < $0.upperBound - 0.03
            }
        }
        let outside = times.indices.filter { index in
            !pauses.contains {
                $0.lowerBound - 0.03 < times[index] && times[index] < $0.upperBound + 0.03
            }
        }
        #expect(inPauses.count { marks[$0] } == 0)
        #expect(Double(outside.count { marks[$0] }) > 0.85 * Double(outside.count))
    }

    @Test(
        "most of a voice is speech and none of it music",
        arguments: ["en-us", "de", "fr", "en+f3"]
    )
    func voices(name: String) throws {
        let facts = SoundAnalysis.measure(try SoundTool.waveform(try TestSounds.voice(name)))

        #expect(facts.speechShare > 0.75)
        #expect(abs(facts.speechSeconds - facts.speechShare * facts.seconds) < 0.03)
        #expect(facts.musicReason == nil && !facts.looksLikeMusic)
    }

    @Test("noise is neither speech nor music", arguments: ["white", "pink", "brown"])
    func noise(color: String) throws {
        let facts = SoundAnalysis.measure(try SoundTool.waveform(try TestSounds.noise(color)))

        #expect(facts.speechShare == 0)
        #expect(facts.silenceShare == 0)
        #expect(facts.musicReason == nil)
    }

    @Test("a voice that is 30 dB quieter is as much speech")
    func quietVoice() throws {
        let loud = try SoundTool.waveform(try TestSounds.voice())
        let quiet = Waveform(
            sampleRate: loud.sampleRate,
            samples: loud.samples.map { $0.map { $0 * 0.0316 } }
        )

        let shares = [loud, quiet].map { SoundAnalysis.measure($0).speechShare }

        #expect(abs(shares[0] - shares[1]) < 0.12)
    }

    @Test("a voice of which one channel is the other's negative is speech")
    func oppositeChannels() throws {
        let voice = try SoundTool.waveform(try TestSounds.voice())
        let turned = Waveform(
            sampleRate: voice.sampleRate,
            samples: [voice.samples[0], voice.samples[0].map { -$0 }]
        )

        let facts = SoundAnalysis.measure(turned)

        #expect(facts.speechShare == SoundAnalysis.measure(voice).speechShare)
        #expect(facts.channels == .stereo)
    }

    @Test("a rate of 48 kHz gives nearly what 16 kHz gives")
    func rates() throws {
        let voice = try TestSounds.voice()
        let shares = try ["16000", "48000"].map { rate in
            let path = try SoundTool.sound("rate-\(rate).wav", ["-i", voice, "-ar", rate])
            return SoundAnalysis.measure(try SoundTool.waveform(path)).speechShare
        }

        #expect(abs(shares[0] - shares[1]) < 0.03)
    }
}
