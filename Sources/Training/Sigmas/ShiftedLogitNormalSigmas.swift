import Foundation
public import Torch

/// What Lightricks' own trainer draws: logit-normal, shifted by the number of tokens, stretched.
///
/// Nine of ten draws are `sigmoid(N(shift, 1))`, stretched so that the 0.5th percentile becomes 0
/// and the 99.9th becomes 1, folded up at 0.001; one of ten is uniform.
///
/// - Source: `ShiftedLogitNormalTimestepSampler` of ltx-trainer (Lightricks/LTX-2 @ 400fd31).
public struct ShiftedLogitNormalSigmas: SigmaDistribution {
    private let range: TableRange

    /// The distribution, cut where the range's indices lie among as many sorted draws.
    public init(_ range: TableRange = TableRange()) {
        self.range = range
    }

    /// Draws sigmas.
    public func draw(_ count: Int, tokens: Int, random: RandomGenerator) -> [Double] {
        let curve = StretchedLogitNormal(shift: TokenShift.exponent(tokens: tokens))
        guard range.isWhole else {
            return range.depths(count, random: random).map(curve.sigma(depth:))
        }
        let normal = random.normal([count]).floats()
        let uniform = random.uniform([count]).floats()
        let choice = random.uniform([count]).floats()
        return (0..<count).map { item in
            choice[item] > Float(StretchedLogitNormal.uniformShare)
                ? curve.stretched(Double(normal[item]))
                : curve.uniform(Double(uniform[item]))
        }
    }
}

/// The distribution for one shift.
struct StretchedLogitNormal {
    static let uniformShare = 0.1
    private static let smallest = 0.001

    private let shift: Double
    // Distances from 1 instead of levels: with many tokens all levels are close to it.
    private let clean: Double
    private let noisy: Double

    init(shift: Double) {
        self.shift = shift
        clean = sigmoid(2.5758 - shift)
        noisy = sigmoid(-3.0902 - shift)
    }

    /// The level of a standard normal number.
    func stretched(_ normal: Double) -> Double {
        let level = (clean - sigmoid(-normal - shift)) / (clean - noisy)
        let folded = level >= Self.smallest ? level : 2 * Self.smallest - level
        return min(max(folded, 0), 1)
    }

    /// The level of a uniform number.
    func uniform(_ number: Double) -> Double {
        Self.smallest + (1 - Self.smallest) * number
    }

    /// The level that this share of the draws is noisier than.
    func sigma(depth: Double) -> Double {
        crossing(of: depth, between: Self.smallest, and: 1, share(above:))
    }

    private func share(above level: Double) -> Double {
        let folded = unfolded(below: level) - unfolded(below: 2 * Self.smallest - level)
        let uniform = (level - Self.smallest) / (1 - Self.smallest)
        return 1 - (1 - Self.uniformShare) * folded - Self.uniformShare * uniform
    }

    /// Share of the stretched draws below a level, before those under the smallest are folded up.
    private func unfolded(below level: Double) -> Double {
        let distance = clean - level * (clean - noisy)
        if distance <= 0 { return 1 }
        if distance >= 1 { return 0 }
        return NormalDistribution.cumulative(log1p(-distance) - log(distance) - shift)
    }
}
