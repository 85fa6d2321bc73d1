public import Torch

/// `sigmoid(N(0, 1))`: most of the learning happens halfway.
public struct SigmoidSigmas: SigmaDistribution {
    private let range: TableRange

    /// The distribution, cut where the range's indices lie among as many sorted draws.
    public init(_ range: TableRange = TableRange()) {
        self.range = range
    }

    /// Draws sigmas.
    public func draw(_ count: Int, tokens: Int, random: RandomGenerator) -> [Double] {
        if range.isWhole { return random.normal([count]).sigmoid().floats().map(Double.init) }
        return range.depths(count, random: random).map {
            sigmoid(NormalDistribution.upperQuantile($0))
        }
    }
}
