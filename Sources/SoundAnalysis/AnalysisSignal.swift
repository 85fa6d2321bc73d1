import Foundation
internal import Media

/// One channel at 16 kHz up to less than twice that (lower where the sound is), for what is
/// estimated rather than measured.
struct AnalysisSignal {
    let rate: Double
    let samples: [Double]

    /// Mixes the channels, filters and thins the samples out.
    init(_ waveform: Waveform) {
        let factor = max(1, waveform.sampleRate / 16000)
        rate = Double(waveform.sampleRate) / Double(factor)
        let mixed = Self.mix(waveform)
        samples = factor == 1 ? mixed : Self.thinOut(mixed, by: factor)
    }

    /// The mean of the channels, or the loudest one where they cancel each other.
    static func mix(_ waveform: Waveform) -> [Double] {
        let energies = waveform.samples.map { channel in
            channel.reduce(0.0) { $0 + Double($1) * Double($1) }
        }
        guard let loudest = energies.indices.max(by: { energies[$0] < energies[$1] }) else {
            return []
        }
        var mean = [Double](repeating: 0, count: waveform.samples[loudest].count)
        let share = 1 / Double(waveform.channelCount)
        for channel in waveform.samples {
            for (index, sample) in channel.enumerated() { mean[index] += share * Double(sample) }
        }
        let energy = mean.reduce(0) { $0 + $1 * $1 }
        let isCancelled = energy < 0.1 * energies.reduce(0, +) * share
        return isCancelled ? waveform.samples[loudest].map(Double.init) : mean
    }

    /// Keeps each `factor`-th sample behind a low-pass filter (windowed sinc, 16 lobes).
    private static func thinOut(_ samples: [Double], by factor: Int) -> [Double] {
        let reach = 8 * factor
        let window = hannWindow(2 * reach + 1)
        let taps = (-reach...reach).map { offset in
            let x = Double.pi * Double(offset) / Double(factor)
            return window[offset + reach] * (offset == 0 ? 1 : sin(x) / x) / Double(factor)
        }
        let padding = [Double](repeating: 0, count: reach)
        let padded = padding + samples + padding
        // Safe because the pointers stay inside and the padding is as long as the filter reaches.
        return padded.withUnsafeBufferPointer { padded in
            taps.withUnsafeBufferPointer { taps in
                guard let values = padded.baseAddress, let taps = taps.baseAddress else {
                    return []
                }
                return stride(from: 0, to: samples.count, by: factor).map {
                    product(values + $0, taps, count: 2 * reach + 1)
                }
            }
        }
    }

    private static func product(
        _ a: UnsafePointer<Double>,
        _ b: UnsafePointer<Double>,
        count: Int
    ) -> Double {
        var (sum, index) = (0.0, 0)
        while index < count {
            sum += a[index] * b[index]
            index += 1
        }
        return sum
    }

    /// A stretch around a moment, zeros where the sound has not begun or is over.
    func stretch(around seconds: Double, count: Int) -> [Double] {
        let first = Int((seconds * rate).rounded()) - count / 2
        var values = [Double](repeating: 0, count: count)
        var index = max(0, -first)
        while index < count, first + index < samples.count {
            values[index] = samples[first + index]
            index += 1
        }
        return values
    }

    /// A stretch around a moment, each value multiplied with the window's.
    func stretch(around seconds: Double, through window: [Double]) -> [Double] {
        var values = stretch(around: seconds, count: window.count)
        for index in values.indices { values[index] *= window[index] }
        return values
    }
}
