import Foundation
public import Torch

/// `linear` with a bell of loss weights that has its peak halfway and is 0 at pure noise.
///
/// - Source: keys `linear_timesteps` and `linear_timesteps2` of ai-toolkit (27a03a91).
public struct BellSigmas: SigmaDistribution {
    private let linear: LinearSigmas
    private let isHalf: Bool

    /// The distribution; half a bell stays at its peak from there on to the clean end.
    ///
    /// The weights of the whole bell are 1 on average over the table, those of the half 1.29.
    public init(_ range: TableRange = TableRange(), isHalf: Bool = false) {
        linear = LinearSigmas(range)
        self.isHalf = isHalf
    }

    /// Draws sigmas.
    public func draw(_ count: Int, tokens: Int, random: RandomGenerator) -> [Double] {
        linear.draw(count, tokens: tokens, random: random)
    }

    /// The weight at a noise level, between 0 and 1.58.
    public func weight(at sigma: Double) -> Double {
        let place = min(max(1000 - sigma * 1000, 0), 999)
        let bell = Self.height(isHalf ? min(place, 500) : place) - Self.height(0)
        return bell / Self.mean
    }

    /// The bell by index into a table of 1,000.
    private static func height(_ place: Double) -> Double {
        exp(-2 * pow((place - 500) / 1000, 2))
    }

    /// What the weights of the whole bell are divided by.
    private static let mean =
        (0..<1000).reduce(0) { $0 + height(Double($1)) - height(0) } / 1000
}
