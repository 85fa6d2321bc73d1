import Foundation
import Media
import Testing

@testable import SoundAnalysis

/// Pitch and brightness of the example clips, against Praat and librosa (`record_voice.py`).
@Suite struct VoiceMeasureTests {
    private struct Recorded: Decodable {
        struct Voice: Decodable {
            /// Pitch in Hz by Praat, each 10 ms; 0 where there is none.
            var pitches: [Double]
            /// 5th, 50th and 95th percentile of the pitch in Hz.
            var praat, pyin: [Double]
            /// Spectral centroid in Hz, each 10 ms.
            var centroids: [Double]
        }
        var voices: [String: Voice]
    }

    private func recorded(_ clip: String) throws -> Recorded.Voice {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        let data = try Data(contentsOf: folder.appendingPathComponent("voices.json"))
        return try #require(try JSONDecoder().decode(Recorded.self, from: data).voices[clip])
    }

    private func path(_ clip: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Examples/clips/\(clip)").path
    }

    /// The clip's samples as the recorder had them.
    private func signal(_ clip: String) throws -> VoiceSignal {
        let wave = try SoundTool.sound(
            "\(clip)-16000.wav",
            ["-i", path(clip), "-ac", "1", "-ar", "16000", "-c:a", "pcm_f32le"]
        )
        return try #require(VoiceSignal(try SoundTool.waveform(wave)))
    }

    private static let clips = ["01-greeting.mp4", "05-desert.mp4", "09-stage.mp4"]

    @Test("the pitch of each frame is Praat's", arguments: clips)
    func pitches(clip: String) throws {
        let expected = try recorded(clip).pitches
        let signal = try signal(clip)
        let pairs = zip(signal.frames, PitchTracker.pitches(signal)).compactMap { frame, pitch in
            pitch.flatMap { own in expected[frame] > 0 ? own / expected[frame] : nil }
        }
        let voiced = signal.frames.count { expected[$0] > 0 }
        #expect(pairs.count > voiced * 8 / 10, "\(pairs.count) of \(voiced)")
        let wrong = pairs.count { abs($0 - 1) > 0.1 }
        #expect(wrong * 100 <= pairs.count, "\(wrong) of \(pairs.count)")
        let apart = pairs.map { abs($0 - 1) }
        #expect(try #require(apart.percentile(0.5)) < 0.005)
    }

    @Test("the range of the pitch is Praat's within 1 %", arguments: clips)
    func range(clip: String) throws {
        let facts = try VoiceProfile(path: path(clip)).facts
        let praat = try recorded(clip).praat
        let got = [facts.lowPitch, facts.medianPitch, facts.highPitch].compactMap(\.self)
        #expect(got.count == 3)
        #expect(zip(got, praat).allSatisfy { abs($0 / $1 - 1) < 0.01 }, "\(got) \(praat)")
        #expect(facts.isSpeech && facts.voicedShare > 0.5 && facts.voicedShare <= 1)
    }

    @Test("the spectral centroid of each frame is librosa's", arguments: clips)
    func centroids(clip: String) throws {
        let expected = try recorded(clip).centroids
        let signal = try signal(clip)
        let own = VoiceSpectra(signal, highest: VoiceSignal.highest).centroids
        var apart: [Double] = []
        for (frame, centroid) in zip(signal.frames, own) where expected.indices.contains(frame) {
            apart.append(abs(centroid / expected[frame] - 1))
        }
        #expect(apart.count > 100)
        // The windows lie half a sample apart.
        #expect(apart.mean < 0.002, "\(apart.mean)")
        #expect(try #require(apart.max()) < 0.02, "\(apart.max() ?? 0)")
    }

    @Test(
        "a tone of known pitch is found, one without a voice is not",
        arguments: [80.0, 151, 330]
    )
    func tone(frequency: Double) throws {
        let samples = (0..<32000).map { index -> Float in
            let phase = 2 * Double.pi * frequency * Double(index) / 16000
            return Float(0.2 * sin(phase) + 0.15 * sin(2 * phase) + 0.1 * sin(3 * phase))
        }
        let facts = try VoiceProfile(Waveform(sampleRate: 16000, samples: [samples])).facts
        #expect(abs(try #require(facts.medianPitch) / frequency - 1) < 0.002)
        var state: UInt32 = 1
        let noise = (0..<32000).map { _ -> Float in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(state >> 8) / 16_777_216 - 0.5
        }
        let other = try VoiceProfile(Waveform(sampleRate: 16000, samples: [noise])).facts
        #expect(other.voicedShare < 0.02 && !other.isSpeech)
        #expect(abs(other.spectralCentroid - 3800) < 100)
    }

    @Test("the formula of mel-cepstral distortion is the difference in dB for smooth spectra")
    func cepstra() {
        let cepstrum = MelCepstrum()
        let slope = (0..<MelBands.count).map { band in
            6 * cos(Double.pi * 2 * (Double(band) + 0.5) / Double(MelBands.count))
        }
        let flat = [Double](repeating: -20, count: MelBands.count)
        let distance = MelCepstrum.distance(cepstrum(slope), cepstrum(flat))
        // The root mean square of a cosine of 6 dB.
        #expect(abs(distance - 6 / 2.0.squareRoot()) < 1e-9)
    }

    @Test(
        "resampling keeps tones and removes what 16 kHz cannot hold",
        arguments: [8000, 22050, 24000, 44100, 48000]
    )
    func resampling(rate: Int) {
        func tone(_ frequency: Double, _ rate: Int, _ count: Int) -> [Double] {
            (0..<count).map { sin(2 * Double.pi * frequency * Double($0) / Double(rate)) }
        }
        let resampled = VoiceResampler(from: rate)(tone(1000, rate, rate / 2))
        let expected = tone(1000, 16000, 8000)
        #expect(resampled.count == 8000)
        for index in 400..<7600 { #expect(abs(resampled[index] - expected[index]) < 2e-3) }
        guard rate > 20000 else { return }
        let high = VoiceResampler(from: rate)(tone(9500, rate, rate / 2))[400..<7600]
        #expect(high.allSatisfy { abs($0) < 5e-3 })
    }
}
