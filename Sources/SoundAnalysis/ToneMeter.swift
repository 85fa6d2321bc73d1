import Foundation

/// Finds tones that stay at one pitch, which notes do and a voice hardly does.
///
/// The spectrum of 128 ms is taken each 40 ms. A tone is a peak from 200 Hz to 4 kHz, 15 dB
/// above the median around it (±250 Hz) and within 30 dB of the highest peak. It is steady when
/// the five spectra around (288 ms of sound) have it within 0.6 % (a tenth of a semitone).
struct ToneMeter {
    static let step = 0.04
    private static let window = 0.128
    private static let prominence = 15.0
    private static let range = 30.0
    private static let drift = 0.006
    private static let reach = 2

    private let signal: AnalysisSignal
    private let window: [Double]
    private let transform: FourierTransform
    private let binWidth: Double

    init(_ signal: AnalysisSignal) {
        self.signal = signal
        window = hannWindow(max(4, Int(signal.rate * Self.window)))
        transform = FourierTransform(atLeast: window.count)
        binWidth = signal.rate / Double(transform.count)
    }

    /// How many steady tones there are at each of `count` moments, `step` seconds apart.
    func steadyTones(count: Int) -> [Int] {
        let tones = (0..<count).map { self.tones(around: Double($0) * Self.step) }
        return tones.indices.map { index in
            let near = index - Self.reach...index + Self.reach
            guard tones.indices.contains(near.lowerBound), tones.indices.contains(near.upperBound)
            else { return 0 }
            return tones[index].count { tone in
                near.allSatisfy { tones[$0].contains { abs($0 / tone - 1) <= Self.drift } }
            }
        }
    }

    /// Frequencies in Hz.
    private func tones(around seconds: Double) -> [Double] {
        let stretch = signal.stretch(around: seconds, count: window.count)
        let levels = transform.power(zip(stretch, window).map { $0 * $1 })
            .map { decibels(power: $0) }
        let bins = max(1, Int(200 / binWidth))..<min(levels.count - 1, Int(4000 / binWidth))
        guard !bins.isEmpty, let highest = levels[bins].max(), highest > -60 else { return [] }
        return bins.compactMap { bin in
            guard levels[bin] > highest - Self.range, levels[bin] >= levels[bin - 1],
                levels[bin] > levels[bin + 1], isProminent(bin, levels)
            else { return nil }
            return (Double(bin) + summit(levels[bin - 1...bin + 1])) * binWidth
        }
    }

    private func isProminent(_ bin: Int, _ levels: [Double]) -> Bool {
        let reach = Int(250 / binWidth)
        let around = levels[max(0, bin - reach)...min(levels.count - 1, bin + reach)]
        return levels[bin] > (Array(around).percentile(0.5) ?? 0) + Self.prominence
    }

    /// Where the parabola through three levels is highest, from the middle one.
    private func summit(_ levels: ArraySlice<Double>) -> Double {
        let (a, b, c) = (
            levels[levels.startIndex], levels[levels.startIndex + 1], levels[levels.startIndex + 2]
        )
        let bend = a - 2 * b + c
        return bend < 0 ? 0.5 * (a - c) / bend : 0
    }
}
