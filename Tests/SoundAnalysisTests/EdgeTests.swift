import Foundation
import Media
import SoundAnalysis
import Testing

@Suite struct EdgeTests {
    @Test("channels that are the same are told from those that differ, through a lossy codec too")
    func layouts() throws {
        let voice = try TestSounds.voice()
        let double = try SoundTool.sound("double.m4a", ["-i", voice, "-ac", "2", "-c:a", "aac"])
        let wide = try SoundTool.sound(
            "wide.m4a",
            ["-i", voice, "-af", "pan=stereo|c0=c0|c1=0.8*c0", "-c:a", "aac"]
        )

        let layouts = try [voice, double, wide].map {
            SoundAnalysis.measure(try SoundTool.waveform($0)).channels
        }

        #expect(layouts == [.mono, .dualMono, .stereo])
    }

    @Test("an empty sound has no facts, and a very short one has a peak only")
    func empty() {
        let nothing = SoundAnalysis.measure(Waveform(sampleRate: 48000, samples: []))
        let empty = SoundAnalysis.measure(Waveform(sampleRate: 48000, samples: [[], []]))
        let short = SoundAnalysis.measure(Waveform(sampleRate: 48000, samples: [[0.5, -0.5]]))

        #expect(nothing == SoundFacts(seconds: 0, sampleRate: 48000, channels: .mono))
        #expect(empty == SoundFacts(seconds: 0, sampleRate: 48000, channels: .dualMono))
        #expect(abs((short.peak ?? 0) + 6.02) < 0.01)
        #expect(short.loudness == nil && short.noiseFloor == nil && short.speechShare == 0)
    }

    @Test("digital silence is all silence")
    func silence() {
        let zeros = [Float](repeating: 0, count: 96000)

        let facts = SoundAnalysis.measure(Waveform(sampleRate: 48000, samples: [zeros, zeros]))

        let expected = SoundFacts(
            seconds: 2,
            sampleRate: 48000,
            channels: .dualMono,
            silenceShare: 1
        )
        #expect(facts == expected)
    }

    @Test(
        "any rate and any number of channels can be measured",
        arguments: [1, 900, 2000, 192_000]
    )
    func ratesAndChannels(rate: Int) throws {
        let tone = (0..<rate / 10 + 1).map { Float(0.5 * sin(Double($0))) }

        for channels in 1...8 {
            let waveform = Waveform(
                sampleRate: rate,
                samples: Array(repeating: tone, count: channels)
            )
            let facts = SoundAnalysis.measure(waveform)
            #expect(facts.channels == (channels == 1 ? .mono : .dualMono))
            // LUFS cannot be written as JSON where they are infinite.
            let data = try JSONEncoder().encode(facts)
            #expect(try JSONDecoder().decode(SoundFacts.self, from: data) == facts)
        }
    }

    @Test("values that are no numbers count as zero")
    func notANumber() {
        var tone = (0..<48000).map { Float(0.5 * sin(Double($0) / 20)) }
        for index in stride(from: 0, to: 480, by: 2) { tone[index] = .nan }
        tone[481] = .infinity

        let facts = SoundAnalysis.measure(Waveform(sampleRate: 48000, samples: [tone]))
        let halved = tone.map { $0 / 2 }
        let wide = SoundAnalysis.measure(Waveform(sampleRate: 48000, samples: [tone, halved]))

        #expect(abs((facts.peak ?? 0) + 6.02) < 0.01)
        #expect(facts.loudness?.isFinite == true)
        #expect(wide.channels == .stereo)
    }
}
