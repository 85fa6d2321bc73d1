import Foundation
internal import Media

/// One channel at 16 kHz, what of it is speech, and up to which frequency it says anything.
struct VoiceSignal: Sendable {
    /// Samples per second.
    static let rate = 16000
    /// Seconds from one frame to the next.
    static let step = 0.01
    /// The highest frequency that is measured: below the edge of what 16 kHz can hold.
    static let highest = 7600.0

    let samples: [Double]
    /// The highest frequency in Hz that the sound's own rate holds, at most `highest`.
    let bandwidth: Double
    /// Numbers of the frames that count.
    let frames: [Int]
    /// Whether the frames are speech; otherwise no speech was found and they are all that sounds.
    let isSpeech: Bool

    /// Mixes and resamples; nil for a sound of less than a tenth of a second, or a silent one.
    init?(_ waveform: Waveform) {
        // The detector knows absolute levels; the voice is to be found at any level.
        guard waveform.sampleRate >= 4000, let waveform = waveform.finite.atHalfScale else {
            return nil
        }
        bandwidth = min(Self.highest, 0.475 * Double(waveform.sampleRate))
        samples = VoiceResampler(from: waveform.sampleRate)(AnalysisSignal.mix(waveform))
        let sounding = Self.soundingFrames(samples)
        // The short gaps within words, which the detector closes, hold no voice.
        let speech = Set(Self.speechFrames(waveform)).intersection(sounding)
        isSpeech = speech.count >= 10
        frames = isSpeech ? speech.sorted() : sounding
        guard frames.count >= 10 else { return nil }
    }

    /// The detector marks frames of 20 ms; two of ours lie in each.
    private static func speechFrames(_ waveform: Waveform) -> [Int] {
        let count = FrameLevels(waveform).values.count
        let frames = SpeechFrameMeter(AnalysisSignal(waveform)).frames(count: count)
        let marks = SpeechDetector.speech(frames)
        return marks.indices.filter { marks[$0] }.flatMap { [2 * $0, 2 * $0 + 1] }
    }

    /// Frames within 40 dB of the loud ones, and above digital silence.
    private static func soundingFrames(_ samples: [Double]) -> [Int] {
        let length = Int(step * Double(rate))
        let levels = stride(from: 0, to: samples.count - length, by: length).map { start in
            decibels(
                power: samples[start..<start + length].reduce(0) { $0 + $1 * $1 } / Double(length)
            )
        }
        guard let loud = levels.percentile(0.95), loud > FrameLevels.digitalSilence else {
            return []
        }
        return levels.indices.filter { levels[$0] > loud - 40 }
    }

    /// `count` samples around the middle of a frame, zeros outside of the sound.
    func stretch(around frame: Int, count: Int) -> [Double] {
        let middle = (Double(frame) + 0.5) * Self.step * Double(Self.rate)
        let first = Int(middle) - count / 2
        let (from, to) = (max(0, first), min(samples.count, first + count))
        guard from < to else { return [Double](repeating: 0, count: count) }
        return [Double](repeating: 0, count: from - first) + samples[from..<to]
            + [Double](repeating: 0, count: first + count - to)
    }
}

extension Waveform {
    /// The same sound with a peak of 0.5; nil for digital silence.
    fileprivate var atHalfScale: Waveform? {
        let peak = peak
        guard peak > 1e-5 else { return nil }
        return Waveform(
            sampleRate: sampleRate,
            samples: samples.map { $0.map { $0 * (0.5 / peak) } }
        )
    }
}

/// Brings samples of any rate to 16 kHz: a windowed sinc, one set of taps per phase.
struct VoiceResampler {
    private let (input, output): (Int, Int)
    private let reach: Int
    /// Taps of each place between two input samples.
    private let phases: [[Double]]  // [output, 2 reach]

    init(from rate: Int) {
        var (a, b) = (rate, VoiceSignal.rate)
        while b != 0 { (a, b) = (b, a % b) }
        let (input, output) = (rate / a, VoiceSignal.rate / a)
        // Lobes are wider by the ratio when the rate goes down.
        let width = max(1, Double(input) / Double(output))
        let reach = Int((24 * width).rounded(.up))
        (self.input, self.output, self.reach) = (input, output, reach)
        phases = (0..<output).map { phase in
            let place = Double(phase * input % output) / Double(output)
            return (1 - reach...reach).map { Self.tap(Double($0) - place, width, Double(reach)) }
        }
    }

    private static func tap(_ distance: Double, _ width: Double, _ reach: Double) -> Double {
        guard abs(distance) < reach else { return 0 }
        let x = Double.pi * distance / width
        let window = 0.5 + 0.5 * cos(Double.pi * distance / reach)
        return window * (x == 0 ? 1 : sin(x) / x) / width
    }

    /// Resamples; the first sample stays the first.
    func callAsFunction(_ samples: [Double]) -> [Double] {
        guard input != output else { return samples }
        let padding = [Double](repeating: 0, count: reach)
        let padded = padding + samples + padding
        let count = samples.count * output / input
        // Safe because the padding is as long as the taps reach on both sides.
        return padded.withUnsafeBufferPointer { padded in
            (0..<count).map { index in
                let first = index * input / output + 1
                let taps = phases[index % output]
                var sum = 0.0
                for tap in taps.indices { sum += taps[tap] * padded[first + tap] }
                return sum
            }
        }
    }
}
