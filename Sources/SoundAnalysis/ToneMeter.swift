import Foundation

/// The tones at one moment.
struct ToneCount {
    /// How many stand out of the spectrum.
    var tones: Int
    /// How many of them also stay at their pitch.
    var steady: Int
}

/// Finds tones, and those that stay at one pitch, which notes do and a voice hardly does.
///
/// The spectrum of 128 ms is taken each 40 ms. A tone is a peak from 200 Hz to 4 kHz, 15 dB
/// above the median around it (±250 Hz) and within 30 dB of the highest level above 40 Hz. It is
/// steady when the five spectra around it (288 ms of sound) have it within 0.6 %, a tenth of a
/// semitone.
struct ToneMeter {
    /// Seconds from one moment to the next.
    static let step = 0.04
    private static let windowSeconds = 0.128
    private static let prominence = 15.0
    private static let range = 30.0
    private static let drift = 0.006

    private let signal: AnalysisSignal
    private let window: [Double]
    private let scale: Double
    private let transform: FourierTransform
    private let binWidth: Double

    /// Looks into a signal of 2 kHz or more.
    init(_ signal: AnalysisSignal) {
        self.signal = signal
        window = hannWindow(Int(signal.rate * Self.windowSeconds))
        // A tone at full scale has a power of 1.
        scale = pow(2 / window.reduce(0, +), 2)
        transform = FourierTransform(atLeast: window.count)
        binWidth = signal.rate / Double(transform.count)
    }

    /// Counts tones at `count` moments, the first at zero.
    func counts(_ count: Int) -> [ToneCount] {
        let tones = (0..<count).map { self.tones(around: Double($0) * Self.step) }
        return tones.indices.map { index in
            let near = [-2, -1, 1, 2].map { index + $0 }
            let steady = tones[index].count { tone in
                near.allSatisfy { other in
                    tones.indices.contains(other)
                        && tones[other].contains { abs($0 / tone - 1) <= Self.drift }
                }
            }
            return ToneCount(tones: tones[index].count, steady: steady)
        }
    }

    /// Frequencies in Hz, found to a part of a bin; none where all is below -100 dBFS.
    private func tones(around seconds: Double) -> [Double] {
        let levels = transform.power(signal.stretch(around: seconds, through: window))
            .map { decibels(power: $0 * scale) }
        let highest = levels.dropFirst(Int(40 / binWidth)).max() ?? 0
        guard highest > -100 else { return [] }
        return (Int(200 / binWidth)..<min(levels.count - 1, Int(4000 / binWidth))).compactMap {
            let isPeak = levels[$0] >= levels[$0 - 1] && levels[$0] > levels[$0 + 1]
            guard isPeak, levels[$0] > highest - Self.range, standsOut($0, levels) else {
                return nil
            }
            return (Double($0) + summit(levels[$0 - 1], levels[$0], levels[$0 + 1])) * binWidth
        }
    }

    /// Whether more than half of the levels around are far below, that is, their median is.
    private func standsOut(_ bin: Int, _ levels: [Double]) -> Bool {
        let reach = Int(250 / binWidth)
        let (first, last) = (max(0, bin - reach), min(levels.count - 1, bin + reach))
        var (lower, index) = (0, first)
        while index <= last {
            if levels[index] < levels[bin] - Self.prominence { lower += 1 }
            index += 1
        }
        return 2 * lower > last - first + 1
    }

    /// Where the parabola through three levels is highest, from the middle one.
    private func summit(_ before: Double, _ middle: Double, _ after: Double) -> Double {
        let bend = before - 2 * middle + after
        return bend < 0 ? 0.5 * (before - after) / bend : 0
    }
}
