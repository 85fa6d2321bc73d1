import Foundation
import Testing

@testable import Media

/// Sound, against what the ffmpeg program decodes from the same file.
@Suite struct SoundTests {
    private func wave(_ name: String, _ options: [String]) throws -> String {
        try FFmpegTool.clip(name, ["-f", "lavfi"] + options)
    }

    @Test("the samples are those that ffmpeg decodes", arguments: TestClip.all)
    func everySample(clip: TestClip) throws {
        let path = try clip.path()
        let reader = try ClipReader(path: path)
        let reference = try FFmpegTool.samples(path)
        let count = 40000
        let sound = try reader.sound(from: 0.05, duration: Double(count) / 48000, sampleRate: 48000)
        let samples = try #require(sound.waveform).samples
        // Where the streams begin on the file's clock, ffmpeg writes from the first sample on:
        // find the shift, which must be the same for every sample.
        let shift = try #require(
            (-4800...4800).min {
                shiftError(samples[0], reference, $0) < shiftError(samples[0], reference, $1)
            }
        )
        #expect(shiftError(samples[0], reference, shift, every: 1) < 1e-6)
        #expect(samples.map(\.count) == [count, count])
    }

    /// Mean absolute difference, the reference taken 0.05 s and `shift` samples later.
    private func shiftError(
        _ samples: [Float],
        _ reference: [Float],
        _ shift: Int,
        every step: Int = 997
    ) -> Double {
        var sum = 0.0
        var count = 0
        for index in stride(from: 0, to: samples.count - 4800, by: step) {
            let at = (index + 2400 + shift) * 2
            guard reference.indices.contains(at) else { continue }
            sum += Double(abs(samples[index] - reference[at]))
            count += 1
        }
        return count == 0 ? .infinity : sum / Double(count)
    }

    @Test("PCM keeps its very samples and stereo its sides")
    func pcm() throws {
        let path = try wave(
            "stereo.wav",
            ["-i", "aevalsrc=0.4*sin(2000*t)|0.2*sin(3000*t):s=48000:d=1"]
        )
        let reference = try FFmpegTool.samples(path)
        let sound = try ClipReader(path: path).sound(from: 0.25, duration: 0.5, sampleRate: 48000)
        let samples = try #require(sound.waveform).samples
        #expect(samples[0] == (12000..<36000).map { reference[$0 * 2] })
        #expect(samples[1] == (12000..<36000).map { reference[$0 * 2 + 1] })
    }

    @Test(
        "mono is given to both sides",
        arguments: ["pcm_u8", "pcm_s32le", "pcm_f64le", "pcm_f32le"]
    )
    func mono(codec: String) throws {
        let path = try wave(
            "mono-\(codec).wav",
            ["-i", "aevalsrc=0.4*sin(2000*t):s=16000:d=0.5", "-c:a", codec]
        )
        let reference = try FFmpegTool.samples(path)
        let sound = try ClipReader(path: path).sound(from: 0, duration: 0.5)
        #expect(try #require(sound.waveform).samples == [reference, reference])
    }

    @Test(
        "surround sound is mixed with centre, back and side at -3 dB and no low frequencies",
        arguments: [
            ("5.1", "c0=FL+0.7071*FC+0.7071*BL|c1=FR+0.7071*FC+0.7071*BR"),
            ("5.1(side)", "c0=FL+0.7071*FC+0.7071*SL|c1=FR+0.7071*FC+0.7071*SR"),
            (
                "7.1",
                "c0=FL+0.7071*FC+0.7071*BL+0.7071*SL|c1=FR+0.7071*FC+0.7071*BR+0.7071*SR"
            ),
            ("4.0", "c0=0.25*FL+0.25*FR+0.25*FC+0.25*BC|c1=0.25*FL+0.25*FR+0.25*FC+0.25*BC"),
        ]
    )
    func surround(layout: String, mix: String) throws {
        let tones = (1...8).map { "0.1*sin(\($0 * 700)*t)" }
        let count = ["5.1": 6, "5.1(side)": 6, "7.1": 8, "4.0": 4][layout] ?? 0
        let source =
            "aevalsrc=\(tones.prefix(count).joined(separator: "|")):s=48000:d=0.3:c=\(layout)"
        let path = try wave("surround-\(layout).wav", ["-i", source, "-c:a", "pcm_f32le"])
        let reference = try FFmpegTool.samples(path, ["-af", "pan=stereo|\(mix)"])
        let sound = try ClipReader(path: path).sound(from: 0, duration: 0.3, sampleRate: 48000)
        let samples = try #require(sound.waveform).samples
        let mixed = samples[0].indices.flatMap { [samples[0][$0], samples[1][$0]] }
        #expect(try #require(difference(mixed, reference)) < 1e-5)
    }

    @Test("a tone keeps its phase and height at 16 kHz", arguments: [44100, 48000, 22050, 8000])
    func resampling(rate: Int) throws {
        let path = try wave(
            "tone-\(rate).wav",
            ["-i", "aevalsrc=0.5*sin(2*PI*1000*t):s=\(rate):d=2", "-c:a", "pcm_f32le"]
        )
        // 0.38 s lies on the sample grid of each of these rates.
        let sound = try ClipReader(path: path).sound(from: 0.38, duration: 1)
        let samples = try #require(sound.waveform).samples
        let expected = (0..<16000).map { index in
            Float(0.5 * sin(2 * Double.pi * 1000 * (0.38 + Double(index) / 16000)))
        }
        #expect(try #require(difference(samples[0], expected)) < 1e-3)
        #expect(samples[0] == samples[1])
    }

    @Test("a tone above 8 kHz is gone at 16 kHz")
    func antialiasing() throws {
        let path = try wave("tone-high.wav", ["-i", "aevalsrc=0.5*sin(2*PI*9000*t):s=48000:d=1"])
        let sound = try ClipReader(path: path).sound(from: 0.2, duration: 0.5)
        #expect(try #require(sound.waveform).peak < 0.001)
    }

    @Test("behind the end of the stream there are zeros, and the length is exact")
    func padding() throws {
        let path = try wave("short.wav", ["-i", "aevalsrc=0.5*sin(2000*t):s=16000:d=0.5"])
        let reader = try ClipReader(path: path)
        let samples = try #require(try reader.sound(from: 0.25, duration: 0.7123).waveform).samples
        #expect(samples[0].count == Int((0.7123 * 16000).rounded()))
        #expect(samples[0][4000...].allSatisfy { $0 == 0 })
        #expect(samples[0][..<4000].contains { abs($0) > 0.4 })
    }

    @Test("sound far into a long file is the same after a seek")
    func longFile() throws {
        let path = try FFmpegTool.clip(
            "long.mka",
            ["-f", "lavfi", "-i", "aevalsrc=0.5*sin(2*PI*(200+t)*t):s=48000:d=50", "-c:a", "flac"]
        )
        let reference = try FFmpegTool.samples(path)
        let sound = try ClipReader(path: path).sound(from: 40, duration: 1, sampleRate: 48000)
        let samples = try #require(sound.waveform).samples
        #expect(samples[0] == (0..<48000).map { reference[40 * 48000 + $0] })
    }

    @Test("what nobody can hear is silent, and a whisper is not")
    func silence() {
        func tone(_ height: Float) -> Waveform {
            Waveform(sampleRate: 16000, samples: [(0..<1600).map { height * sin(Float($0) * 0.3) }])
        }
        #expect(tone(0).isSilent)
        #expect(tone(0.0002).isSilent)
        #expect(!tone(0.003).isSilent)
        var click = [Float](repeating: 0, count: 16000)
        click[100] = 0.01
        #expect(!Waveform(sampleRate: 16000, samples: [click]).isSilent)
        #expect(Waveform(sampleRate: 16000, samples: [click]).peak == 0.01)
    }
}
