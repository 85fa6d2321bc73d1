import Foundation
public import Torch

/// `linear` with a loss weight that favours high noise and spares the very highest and lowest.
public struct WeightedSigmas: SigmaDistribution {
    private let linear: LinearSigmas

    /// The distribution, over a part of its table.
    public init(_ range: TableRange = TableRange()) {
        linear = LinearSigmas(range)
    }

    /// Draws sigmas.
    public func draw(_ count: Int, tokens: Int, random: RandomGenerator) -> [Double] {
        linear.draw(count, tokens: tokens, random: random)
    }

    /// The weight at a noise level, from 0.447 to 1.522; its mean over the table is 1.
    public func weight(at sigma: Double) -> Double {
        let place = min(max(1000 - sigma * 1000, 0), 999)
        let upper = Self.knots.firstIndex { $0.0 >= place } ?? Self.knots.count - 1
        guard upper > 0 else { return Self.knots[0].1 }
        let (left, right) = (Self.knots[upper - 1], Self.knots[upper])
        let share = (place - left.0) / (right.0 - left.0)
        return left.1 + (right.1 - left.1) * share
    }

    /// Weight by index into the table (0 is pure noise), linear between the knots.
    private static let knots: [(Double, Double)] = [
        (0, 0.906), (2, 0.925), (4, 0.950), (6, 0.969), (8, 1.017), (10, 1.043), (12, 1.093),
        (14, 1.102), (16, 1.140), (18, 1.144), (20, 1.176), (25, 1.220), (30, 1.256), (35, 1.297),
        (40, 1.330), (50, 1.375), (60, 1.413), (75, 1.471), (90, 1.495), (100, 1.507),
        (125, 1.522), (150, 1.507), (175, 1.481), (200, 1.441), (225, 1.400), (250, 1.355),
        (275, 1.309), (300, 1.264), (325, 1.218), (350, 1.172), (375, 1.127), (400, 1.083),
        (425, 1.041), (450, 1.000), (475, 0.962), (500, 0.925), (525, 0.892), (550, 0.860),
        (575, 0.831), (600, 0.805), (625, 0.782), (650, 0.762), (675, 0.745), (700, 0.731),
        (725, 0.721), (750, 0.715), (775, 0.714), (800, 0.716), (825, 0.722), (850, 0.729),
        (875, 0.732), (900, 0.716), (910, 0.701), (920, 0.679), (930, 0.652), (940, 0.619),
        (950, 0.582), (960, 0.545), (970, 0.510), (980, 0.476), (985, 0.461), (990, 0.452),
        (995, 0.447), (999, 0.447),
    ]
}
