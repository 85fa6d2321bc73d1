public import Torch

/// Levels of a short sampling schedule, each reached by one sampling step from the one before.
///
/// A batch of `next_sample` is not mixed at its sigma: it is mixed at `before`, the model takes
/// one Euler step from there without gradients, and what comes out is what it learns from.
public struct NextSampleSigmas: SigmaDistribution {
    private let length: Int

    /// Levels of a schedule of this many entries (at least 3), as `ShiftSigmas` has them.
    public init(length: Int = 8) {
        self.length = max(length, 3)
    }

    /// Draws sigmas to learn at: neither the first entry, which nothing leads to, nor the last.
    ///
    /// - Source: ai-toolkit (27a03a91) draws the entry before.
    public func draw(_ count: Int, tokens: Int, random: RandomGenerator) -> [Double] {
        let before = TableRange(first: 0, last: length - 2, length: length)
        return before.indices(count, random: random).map { level($0 + 1, tokens) }
    }

    /// The level of the schedule from which a sampling step leads to `sigma`.
    public func before(_ sigma: Double, tokens: Int) -> Double {
        let above = (0..<length).last { level($0, tokens) > sigma + 1e-9 }
        return level(above ?? 0, tokens)
    }

    private func level(_ index: Int, _ tokens: Int) -> Double {
        ShiftSigmas.sigma(at: index, of: length, tokens: tokens)
    }
}
