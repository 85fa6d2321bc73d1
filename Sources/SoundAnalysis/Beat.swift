/// The strongest repetition of the rises of a level, at 0.16 to 1.2 seconds.
struct Beat {
    /// The shortest sound in which a beat is looked for, in seconds.
    static let shortest = 4.0

    /// Mean of the correlations after one, two and three periods, up to 1.
    private(set) var strength = 0.0
    /// The period.
    private(set) var seconds = 0.0

    /// Looks for a beat in levels of 20 ms each, in dB.
    init(_ levels: [Double]) {
        guard Double(levels.count) * FrameLevels.seconds >= Self.shortest else { return }
        let rises = zip(levels, levels.dropFirst()).map { max(0, $1 - $0) }
        let mean = rises.mean
        let correlation = Self.correlation(rises.map { $0 - mean }, lags: 182)
        for period in 8...60 {
            let repeats = [period, 2 * period, 3 * period].map { lag in
                max(correlation[lag - 1], correlation[lag], correlation[lag + 1])
            }
            guard repeats.mean > strength else { continue }
            strength = repeats.mean
            seconds = Double(period) * FrameLevels.seconds
        }
    }

    private static func correlation(_ values: [Double], lags: Int) -> [Double] {
        let power = values.reduce(0) { $0 + $1 * $1 }
        guard power > 0 else { return [Double](repeating: 0, count: lags) }
        return (0..<lags).map { lag in
            var sum = 0.0
            for (a, b) in zip(values, values.dropFirst(lag)) { sum += a * b }
            return sum / power
        }
    }
}
