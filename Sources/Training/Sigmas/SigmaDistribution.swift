public import Torch

/// From which noise levels a run learns, and how much each counts.
public protocol SigmaDistribution: Sendable {
    /// Draws a noise level for each item.
    ///
    /// - Parameters:
    ///   - count: number of items.
    ///   - tokens: latent tokens of one item of the modality; some distributions shift by them.
    ///   - random: where every random number comes from.
    /// - Returns: one sigma per item, each from 0 (clean) to 1 (noise).
    func draw(_ count: Int, tokens: Int, random: RandomGenerator) -> [Double]

    /// Factor on the loss at a noise level.
    func weight(at sigma: Double) -> Double
}

extension SigmaDistribution {
    /// Every level counts the same.
    public func weight(at sigma: Double) -> Double { 1 }
}

/// Uniform between 0 and 1: the default for sound, which has a noise level of its own.
public struct UniformSigmas: SigmaDistribution {
    /// The distribution.
    public init() {}

    /// Draws sigmas.
    public func draw(_ count: Int, tokens: Int, random: RandomGenerator) -> [Double] {
        random.uniform([count]).floats().map(Double.init)
    }
}
