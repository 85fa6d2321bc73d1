import Foundation
public import Torch

/// Three quarters from a mirrored log-normal, one quarter uniform.
///
/// The log-normal draws are divided by the largest of a table's worth of them, so that they end
/// at 0. ai-toolkit makes such a table in every step; here each item has a largest of its own,
/// and sigmas are not cut down to thousandths.
public struct LognormBlendSigmas: SigmaDistribution {
    private let range: TableRange

    /// The distribution, cut where the range's indices lie among as many sorted draws.
    public init(_ range: TableRange = TableRange()) {
        self.range = range
    }

    /// Draws sigmas.
    public func draw(_ count: Int, tokens: Int, random: RandomGenerator) -> [Double] {
        let depths = range.depths(count, random: random)
        let numbers = random.uniform([count]).floats()
        return zip(depths, numbers).map { depth, number in
            Self.sigma(depth: depth, largest: largest(Double(number)))
        }
    }

    /// The largest log-normal draw of a table, logarithm in units of the spread.
    private func largest(_ uniform: Double) -> Double {
        let draws = max(1, range.length * 3 / 4)
        let above = -expm1(log(max(uniform, 1e-9)) / Double(draws))
        return NormalDistribution.upperQuantile(above)
    }

    /// The level that this share of the blend is noisier than.
    private static func sigma(depth: Double, largest: Double) -> Double {
        let below = NormalDistribution.cumulative(largest)
        return crossing(of: depth, between: 0, and: 1) { sigma in
            let value = largest + log(1 - sigma) / spread
            return 0.75 * NormalDistribution.cumulative(value) / below + 0.25 * (1 - sigma)
        }
    }

    private static let spread = 0.333
}
