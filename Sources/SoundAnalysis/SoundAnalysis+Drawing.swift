import Foundation
public import Media

extension SoundAnalysis {
    /// The lowest and highest sample of all channels in `count` equal stretches of time.
    ///
    /// Always `count` ranges, all 0...0 for an empty sound.
    public static func envelope(_ waveform: Waveform, count: Int) -> [ClosedRange<Float>] {
        let length = waveform.samples.first?.count ?? 0
        guard count > 0, length > 0 else { return Array(repeating: 0...0, count: max(0, count)) }
        return (0..<count).map { index in
            let start = index * length / count
            let end = max(start + 1, (index + 1) * length / count)
            var (low, high) = (Float.infinity, -Float.infinity)
            for channel in waveform.samples {
                for sample in channel[start..<end] where sample.isFinite {
                    (low, high) = (min(low, sample), max(high, sample))
                }
            }
            return low <= high ? low...high : 0...0
        }
    }

    /// Power over time and frequency in dB, 0 being a tone at full scale and -120 the least.
    ///
    /// A tone between two frequencies of the transform may read up to 1.5 dB less.
    /// Frequencies are linear, from 0 to 8 kHz or half the rate where that is less; each bin holds
    /// the strongest frequency in it, through windows of 32 ms. A column is the mean of up to eight
    /// windows in its stretch of time.
    ///
    /// - Returns: `columns` arrays of `bins` values, low frequencies first.
    public static func spectrogram(
        _ waveform: Waveform,
        columns: Int,
        bins: Int
    ) -> [[Float]] {
        guard columns > 0, bins > 0 else { return Array(repeating: [], count: max(0, columns)) }
        guard waveform.sampleRate > 0, waveform.samples.first?.isEmpty == false else {
            return Array(repeating: Array(repeating: -120, count: bins), count: columns)
        }
        let drawing = SpectrogramDrawing(AnalysisSignal(waveform.finite), bins: bins)
        return (0..<columns).map { drawing.column($0, of: columns) }
    }
}

/// Draws the columns of a spectrogram.
private struct SpectrogramDrawing {
    private let signal: AnalysisSignal
    private let bins: Int
    private let window: [Double]
    private let scale: Double
    private let transform: FourierTransform

    init(_ signal: AnalysisSignal, bins: Int) {
        self.signal = signal
        self.bins = bins
        window = hannWindow(max(4, Int(signal.rate * 0.032)))
        scale = pow(2 / window.reduce(0, +), 2)
        // At least two frequencies for each bin, by padding with zeros.
        transform = FourierTransform(atLeast: max(window.count, 4 * bins))
    }

    func column(_ index: Int, of columns: Int) -> [Float] {
        let length = Double(signal.samples.count) / signal.rate / Double(columns)
        let count = min(8, max(1, Int(length / 0.016)))
        var sums = [Double](repeating: 0, count: bins)
        for part in 0..<count {
            let time = (Double(index) + (Double(part) + 0.5) / Double(count)) * length
            let power = transform.power(signal.stretch(around: time, through: window))
            for bin in 0..<bins { sums[bin] += strongest(in: bin, power) }
        }
        return sums.map { Float(max(-120, decibels(power: $0 * scale / Double(count)))) }
    }

    private func strongest(in bin: Int, _ power: [Double]) -> Double {
        let top = min(8000, signal.rate / 2) / signal.rate * Double(transform.count)
        let first = Int(Double(bin) / Double(bins) * top)
        let last = Int(Double(bin + 1) / Double(bins) * top)
        return power[first..<max(first + 1, last)].max() ?? 0
    }
}
