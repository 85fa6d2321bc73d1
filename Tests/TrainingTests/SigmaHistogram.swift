import Testing
import Torch

@testable import Training

/// Draws of a distribution, counted in 20 equal bins, against what a formula expects.
struct SigmaHistogram {
    static let bins = 20
    /// Draws in each bin.
    let counts: [Int]

    init(_ sigmas: [Double]) {
        counts = sigmas.reduce(into: Array(repeating: 0, count: Self.bins)) {
            $0[Self.bin($1)] += 1
        }
    }

    static func bin(_ sigma: Double) -> Int { min(bins - 1, Int(sigma * Double(bins) + 1e-9)) }

    /// Draws from one seed.
    static func draws(
        _ distribution: any SigmaDistribution,
        tokens: Int = 1,
        count: Int = 200_000
    ) throws -> [Double] {
        try withTorchErrors {
            distribution.draw(count, tokens: tokens, random: try RandomGenerator(seed: 3))
        }
    }

    /// Chances of the bins if `below` is the share of draws under a level.
    static func chances(_ below: (Double) -> Double) -> [Double] {
        (0..<bins).map { bin in
            below(Double(bin + 1) / Double(bins)) - below(Double(bin) / Double(bins))
        }
    }

    /// Chances of the bins if these levels are equally likely.
    static func chances(of levels: [Double]) -> [Double] {
        SigmaHistogram(levels).counts.map { Double($0) / Double(levels.count) }
    }

    /// Bins that differ by more than five standard deviations (and `slack` as a share of all).
    func outliers(_ chances: [Double], slack: Double = 0) -> [String] {
        let total = Double(counts.reduce(0, +))
        return zip(counts, chances).enumerated().compactMap { bin, pair in
            let expected = total * pair.1
            let deviation = (total * pair.1 * max(1 - pair.1, 0)).squareRoot()
            let difference = abs(Double(pair.0) - expected)
            let allowed = 5 * deviation + slack * total + 1e-3
            return difference > allowed ? "bin \(bin): \(pair.0), not \(expected)" : nil
        }
    }
}
