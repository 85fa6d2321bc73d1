public import Torch

/// Uniform over a table of noise levels that falls evenly from 1 to 0.001.
public struct LinearSigmas: SigmaDistribution {
    private let range: TableRange

    /// The distribution, over a part of its table.
    public init(_ range: TableRange = TableRange()) {
        self.range = range
    }

    /// Draws sigmas; without a preference the cleanest entry is never drawn (as in ai-toolkit).
    public func draw(_ count: Int, tokens: Int, random: RandomGenerator) -> [Double] {
        range.indices(count, random: random).map { Self.sigma(at: $0, of: range.length) }
    }

    /// Entry of a table of `length`.
    static func sigma(at index: Int, of length: Int) -> Double {
        (1000 - Double(index) * 999 / Double(length - 1)) / 1000
    }
}

/// A few fixed levels, evenly likely: what few-step models are asked for when they sample.
public struct StepSigmas: SigmaDistribution {
    /// The levels, falling.
    public let levels: [Double]

    /// The first of as many equal parts of the way from noise to clean: 1, 2, 4 or 8 steps.
    ///
    /// - Source: indices of ai-toolkit (27a03a91) into a linear table; of two, the second is 499.
    public init(steps: Int) {
        let indices = steps == 2 ? [0, 499] : (0..<max(steps, 1)).map { $0 * 1000 / max(steps, 1) }
        levels = indices.map { LinearSigmas.sigma(at: $0, of: 1000) }
    }

    /// Draws sigmas.
    public func draw(_ count: Int, tokens: Int, random: RandomGenerator) -> [Double] {
        random.uniform([count]).floats().map {
            levels[min(levels.count - 1, Int(Double($0) * Double(levels.count)))]
        }
    }
}
