import Media
import Testing

@testable import SoundAnalysis

/// Against FFmpeg's own meters, which share no code with libebur128.
@Suite struct LoudnessTests {
    /// Name and how the voice gets there.
    static let voices: [(String, [String])] = [
        ("mono-16000.wav", []),
        ("stereo-44100.wav", ["-af", "pan=stereo|c0=0.9*c0|c1=0.3*c0", "-ar", "44100"]),
        ("quiet-48000.wav", ["-af", "volume=-30dB", "-ar", "48000"]),
        ("hot-16000.wav", ["-af", "volume=12dB,alimiter=level=0:limit=1", "-ar", "16000"]),
        ("surround-48000.wav", ["-af", "pan=5.1|FL=c0|FC=.5*c0|LFE=c0|BL=.4*c0", "-ar", "48000"]),
        ("seven-48000.wav", ["-af", "pan=7.1|FR=c0|LFE=c0|SL=.6*c0|SR=.2*c0", "-ar", "48000"]),
    ]

    @Test("loudness and true peak are those of ffmpeg's ebur128", arguments: voices)
    func matchesFFmpeg(name: String, arguments: [String]) throws {
        let path = try SoundTool.sound(
            name,
            ["-i", try TestSounds.voice()] + arguments + ["-c:a", "pcm_f32le"]
        )
        let log = try SoundTool.log(path, "ebur128=peak=true")
        let loudness = try SoundTool.number(after: "I:", in: log)
        let truePeak = try SoundTool.number(after: "Peak:", in: log)

        let measured = Loudness(try SoundTool.waveform(path))

        #expect(abs((measured.integrated ?? 0) - loudness) <= 0.11)
        #expect(abs((measured.truePeak ?? 99) - truePeak) <= 0.25)
    }

    @Test("a peak between samples is seen, where the samples themselves are 3 dB lower")
    func peakBetweenSamples() throws {
        // A quarter of the rate, 45 degrees off: each sample is at 0.707 of the peak.
        let tone = (0..<48000).map { Float(($0 / 2) % 2 == 0 ? 0.5 : -0.5) }

        let facts = SoundAnalysis.measure(Waveform(sampleRate: 48000, samples: [tone]))

        #expect(abs((facts.peak ?? 0) + 6.02) < 0.01)
        #expect((-3.3 ... -2.7).contains(facts.truePeak ?? 0))
    }

    @Test("what is below the gate has a peak and no loudness; nothing has neither")
    func gate() {
        let faint = (0..<48000).map { Float($0 % 2 == 0 ? 1e-5 : -1e-5) }

        let quiet = SoundAnalysis.measure(Waveform(sampleRate: 48000, samples: [faint]))
        let silent = SoundAnalysis.measure(
            Waveform(sampleRate: 48000, samples: [[Float](repeating: 0, count: 48000)])
        )

        #expect(quiet.loudness == nil)
        #expect(abs((quiet.peak ?? 0) + 100) < 0.1)
        #expect(silent.loudness == nil && silent.truePeak == nil && silent.peak == nil)
    }
}
