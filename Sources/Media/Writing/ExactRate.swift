/// A rate of pictures as a fraction: 24, 25, 24000/1001.
public struct ExactRate: Sendable, Equatable {
    /// Pictures in `denominator` seconds.
    public let numerator: Int
    /// Seconds.
    public let denominator: Int

    /// Pictures per second.
    public var value: Double { Double(numerator) / Double(denominator) }

    /// Finds the fraction that a rate stands for.
    ///
    /// A rate within a thousandth of 24000/1001, 30000/1001 or another such rate of television
    /// means that one: 23.976, 23.98 and 29.97 are its usual spellings. Any other becomes the
    /// simplest fraction that is exact to nine digits.
    ///
    /// - Returns: nil for a rate that is no number, below 0.01 or above 1000.
    public init?(_ rate: Double) {
        guard rate.isFinite, (0.01...1000).contains(rate) else { return nil }
        let whole = rate.rounded()
        if abs(rate - whole) < 1e-9 * rate {
            (numerator, denominator) = (Int(whole), 1)
        } else if let television = Self.television(rate) {
            (numerator, denominator) = (television, 1001)
        } else {
            (numerator, denominator) = Self.simplest(rate)
        }
    }

    private static func television(_ rate: Double) -> Int? {
        let numerators = [24000, 30000, 48000, 60000, 120_000]
        return numerators.first { abs(rate - Double($0) / 1001) < rate * 2e-4 }
    }

    /// Continued fractions: each step is the best approximation with its denominator.
    private static func simplest(_ rate: Double) -> (Int, Int) {
        var (before, current) = ((0, 1), (1, 0))
        var rest = rate
        while true {
            let part = rest.rounded(.down)
            let next = (
                Int(part) * current.0 + before.0, Int(part) * current.1 + before.1
            )
            // The clock of a file counts with 32 bits.
            guard next.0 < 1_000_000, next.1 < 1_000_000 else { return current }
            (before, current) = (current, next)
            let error = abs(Double(current.0) / Double(current.1) - rate)
            guard error > 1e-9 * rate, rest > part else { return current }
            rest = 1 / (rest - part)
        }
    }
}
