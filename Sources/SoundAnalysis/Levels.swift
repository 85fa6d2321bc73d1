import Foundation
internal import Media

/// A magnitude in decibels, 1 being 0 dB; nil for zero.
func decibels(magnitude: Double) -> Double? {
    magnitude > 0 ? 20 * log10(magnitude) : nil
}

/// A power in decibels, 1 being 0 dB, at least -150.
func decibels(power: Double) -> Double {
    10 * log10(max(power, 1e-15))
}

extension Array<Double> {
    /// The value that `share` of the sorted values stay below; nil for no values.
    func percentile(_ share: Double) -> Double? {
        guard !isEmpty else { return nil }
        return sorted()[Int((share * Double(count - 1)).rounded())]
    }

    var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }
}

/// Levels of a waveform's frames of 20 ms, in dBFS.
struct FrameLevels {
    /// Length of a frame.
    static let seconds = 0.02
    /// Frames below are silent.
    static let silence = -50.0
    /// Frames below hold no sound at all: one step of 16 bits is -90.3 dBFS.
    static let digitalSilence = -90.0

    let values: [Double]

    /// Measures whole frames; the rest of the sound, less than one frame, is left out.
    init(_ waveform: Waveform) {
        let length = max(1, Int((Double(waveform.sampleRate) * Self.seconds).rounded()))
        let count = (waveform.samples.first?.count ?? 0) / length
        values = (0..<count).map { frame in
            let range = frame * length..<(frame + 1) * length
            let sum = waveform.samples.reduce(0) { $0 + Self.energy($1[range]) }
            return decibels(power: sum / Double(length * waveform.channelCount))
        }
    }

    private static func energy(_ samples: ArraySlice<Float>) -> Double {
        var sum = 0.0
        for sample in samples { sum += Double(sample) * Double(sample) }
        return sum
    }

    var silenceShare: Double {
        guard !values.isEmpty else { return 0 }
        return Double(values.count { $0 < Self.silence }) / Double(values.count)
    }

    var noiseFloor: Double? {
        values.filter { $0 >= Self.digitalSilence }.percentile(0.1)
    }
}

extension Waveform {
    /// Share of samples in runs of 3 or more of one sign at full scale.
    var clippedShare: Double {
        let total = samples.reduce(0) { $0 + $1.count }
        guard total > 0 else { return 0 }
        let clipped = samples.reduce(0) { $0 + Self.clippedCount($1) }
        return Double(clipped) / Double(total)
    }

    private static func clippedCount(_ channel: [Float]) -> Int {
        var (total, run, runSign) = (0, 0, 0)
        for sample in channel + [0] {
            let sign = sample >= 0.999 ? 1 : sample <= -0.999 ? -1 : 0
            if sign != runSign {
                total += runSign != 0 && run >= 3 ? run : 0
                (run, runSign) = (0, sign)
            }
            run += 1
        }
        return total
    }

    /// Whether there is one channel, several equal ones, or several that differ.
    ///
    /// Channels are equal where what they differ by is 35 dB below what they share: a codec at a low
    /// rate leaves that much, and nobody hears width in less.
    var layoutFacts: ChannelLayoutFacts {
        guard let first = samples.first, channelCount > 1 else { return .mono }
        let differ = samples.dropFirst().contains { other in
            var (shared, difference) = (0.0, 0.0)
            for (a, b) in zip(first, other) {
                shared += Double(a + b) * Double(a + b)
                difference += Double(a - b) * Double(a - b)
            }
            return difference > shared * 3.2e-4
        }
        return differ ? .stereo : .dualMono
    }
}
