import Foundation
import Media
import SoundAnalysis
import Testing

@Suite struct LevelTests {
    @Test("the peak is that of ffmpeg's astats")
    func peak() throws {
        let path = try TestSounds.voice()
        let expected = try SoundTool.measured(path, "astats", "Peak level dB:")

        let facts = SoundAnalysis.measure(try SoundTool.waveform(path))

        #expect(abs((facts.peak ?? 99) - expected) < 0.001)
        #expect(facts.clippedShare == 0)
    }

    @Test("a sine driven 6 dB too high is clipped for two thirds of its samples")
    func clipping() throws {
        let path = try SoundTool.sound(
            "clipped.wav",
            ["-f", "lavfi", "-t", "2", "-i", "aevalsrc='2*sin(2*PI*220*t)':s=48000"]
                + ["-c:a", "pcm_s16le"]
        )

        let facts = SoundAnalysis.measure(try SoundTool.waveform(path))

        // A sine of amplitude 2 is above 0.999 for 1 - asin(0.4995) / 90 degrees of its time.
        #expect(abs(facts.clippedShare - (1 - asin(0.4995) / (Double.pi / 2))) < 0.005)
    }

    @Test("peaks that only touch full scale are not clipped")
    func touching() {
        let tone: [Float] = (0..<4800).map { [0, 1, 1, 0, -1, -1][$0 % 6] }

        let facts = SoundAnalysis.measure(Waveform(sampleRate: 48000, samples: [tone]))

        #expect(facts.clippedShare == 0)
        #expect(facts.peak == 0)
    }

    @Test("silence is what was inserted, as ffmpeg's silencedetect finds it")
    func silence() throws {
        let (path, pauses) = try TestSounds.voiceWithPauses()
        let waveform = try SoundTool.waveform(path)
        let log = try SoundTool.log(path, "silencedetect=noise=-50dB:d=0.5")
        let found = log.components(separatedBy: "silence_duration: ").dropFirst()
            .compactMap { Double($0.prefix { !$0.isWhitespace }) }.reduce(0, +)

        let facts = SoundAnalysis.measure(waveform)

        let inserted = pauses.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
        #expect(abs(found - inserted) < 0.1)
        #expect(abs(facts.silenceShare * facts.seconds - inserted) < 0.25)
    }

    @Test("the noise floor is the level of the noise in the pauses, and not of digital silence")
    func noiseFloor() throws {
        let (path, _) = try TestSounds.voiceWithPauses()
        let source = "anoisesrc=c=pink:a=0.01:r=16000:seed=3"
        let noisy = try SoundTool.sound(
            "pauses-noise.wav",
            [
                "-i", path, "-f", "lavfi", "-i", source, "-filter_complex",
                "amix=inputs=2:duration=first:normalize=0", "-c:a", "pcm_f32le",
            ]
        )
        let noise = try SoundTool.source("noise-alone.wav", source)
        let level = try SoundTool.measured(noise, "astats", "RMS level dB:")

        let floor = SoundAnalysis.measure(try SoundTool.waveform(noisy)).noiseFloor ?? 0
        let clean = SoundAnalysis.measure(try SoundTool.waveform(path)).noiseFloor ?? -99

        // The tenth percentile of frames lies a little below their mean.
        #expect((-3.0...0.5).contains(floor - level))
        #expect(clean > level + 10)
    }
}
