import Foundation

/// The standard normal distribution.
enum NormalDistribution {
    /// Share of draws up to a value.
    static func cumulative(_ value: Double) -> Double { erfc(-value / 2.0.squareRoot()) / 2 }

    /// The value that this share of draws stays above; ±9 at the ends.
    static func upperQuantile(_ share: Double) -> Double {
        crossing(of: share, between: -9, and: 9) { cumulative(-$0) }
    }
}

/// The logistic function.
func sigmoid(_ value: Double) -> Double { 1 / (1 + exp(-value)) }

/// Where a falling function passes a value, found by halving; the nearer end if it never does.
func crossing(
    of value: Double,
    between low: Double,
    and high: Double,
    _ falling: (Double) -> Double
) -> Double {
    var (low, high) = (low, high)
    for _ in 0..<52 {
        let middle = (low + high) / 2
        if falling(middle) > value { low = middle } else { high = middle }
    }
    return (low + high) / 2
}
