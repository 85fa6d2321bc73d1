import Foundation

/// What tells speech from other sound in one frame of 20 ms.
struct SpeechFrame {
    /// Level of the band from 100 Hz to 4 kHz, in dB.
    var level: Double
    /// Zero crossings per second.
    var crossings: Double
    /// Geometric over arithmetic mean of the powers in the band: 0 for tones, about 0.56 for noise.
    var flatness: Double
    /// The largest correlation with the sound one pitch period (60 to 400 Hz) earlier, up to 1.
    var periodicity: Double
}

/// Measures frames of 20 ms through windows of 40 ms.
struct SpeechFrameMeter {
    private let signal: AnalysisSignal
    private let window: [Double]
    private let powerScale: Double
    private let transform: FourierTransform
    private let windowCorrelation: [Double]

    init(_ signal: AnalysisSignal) {
        self.signal = signal
        window = hannWindow(max(4, Int(signal.rate * 0.04)))
        powerScale = 1 / window.reduce(0) { $0 + $1 * $1 }
        // Twice the length, so that the correlation does not wrap around.
        transform = FourierTransform(atLeast: 2 * window.count)
        windowCorrelation = Self.correlation(transform.power(window), transform)
    }

    /// Measures `count` frames.
    func frames(count: Int) -> [SpeechFrame] {
        (0..<count).map { frame(around: (Double($0) + 0.5) * FrameLevels.seconds) }
    }

    private func frame(around seconds: Double) -> SpeechFrame {
        let power = transform.power(signal.stretch(around: seconds, through: window))
        let band = power[bins(from: 100, to: 4000)]
        let total = band.reduce(0, +)
        return SpeechFrame(
            // The other half of the power lies at negative frequencies.
            level: decibels(power: 2 * total * powerScale / Double(transform.count)),
            crossings: crossings(around: seconds),
            flatness: flatness(band),
            periodicity: periodicity(power)
        )
    }

    private func bins(from low: Double, to high: Double) -> ClosedRange<Int> {
        let width = signal.rate / Double(transform.count)
        let first = max(1, Int((low / width).rounded(.up)))
        return first...max(first, min(transform.count / 2, Int(high / width)))
    }

    private func crossings(around seconds: Double) -> Double {
        let samples = signal.stretch(around: seconds, count: window.count)
        let mean = samples.mean
        var (count, index) = (0, 1)
        while index < samples.count {
            if (samples[index] < mean) != (samples[index - 1] < mean) { count += 1 }
            index += 1
        }
        return Double(count) / (Double(samples.count) / signal.rate)
    }

    private func flatness(_ band: ArraySlice<Double>) -> Double {
        let arithmetic = band.reduce(0, +) / Double(band.count)
        guard arithmetic > 1e-12 else { return 1 }
        let logarithms = band.reduce(0) { $0 + log(max($1, 1e-15)) }
        return exp(logarithms / Double(band.count)) / arithmetic
    }

    /// The windowed sound's correlation with itself, over the window's own.
    private func periodicity(_ power: [Double]) -> Double {
        let correlation = Self.correlation(power, transform)
        guard correlation[0] > 1e-9 else { return 0 }
        let lags = max(2, Int(signal.rate / 400))...Int(signal.rate / 60)
        return lags.reduce(0) { best, lag in
            guard lag < window.count - 1,
                correlation[lag] >= correlation[lag - 1], correlation[lag] >= correlation[lag + 1]
            else { return best }
            let share = windowCorrelation[lag] / windowCorrelation[0]
            return share < 0.1 ? best : max(best, min(1, correlation[lag] / correlation[0] / share))
        }
    }

    private static func correlation(
        _ power: [Double],
        _ transform: FourierTransform
    ) -> [Double] {
        var real = [Double](repeating: 0, count: transform.count)
        for index in power.indices {
            real[index] = power[index]
            real[(transform.count - index) % transform.count] = power[index]
        }
        var imaginary = [Double](repeating: 0, count: transform.count)
        transform.transform(&real, &imaginary)
        return real
    }
}
