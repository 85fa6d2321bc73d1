import Foundation
public import Torch

/// How far more tokens move noise levels towards noise.
///
/// - Source: the scheduler's configuration of LTX-2 (base shift 0.95 at 1,024 tokens,
///   2.05 at 4,096); the line goes on beyond both.
enum TokenShift {
    /// Exponent of the shift for a number of latent tokens.
    static func exponent(tokens: Int) -> Double {
        0.95 + (2.05 - 0.95) * Double(tokens - 1024) / (4096 - 1024)
    }
}

/// Uniform over the levels that sampling passes: shifted by the number of tokens, down to 0.1.
///
/// `shift`, `flux_shift` and `lumina2_shift` of ai-toolkit are all this for LTX-2; here the tokens
/// of all three axes count, not of latent frames times rows alone.
public struct ShiftSigmas: SigmaDistribution {
    private let range: TableRange

    /// The distribution, over a part of its table.
    public init(_ range: TableRange = TableRange()) {
        self.range = range
    }

    /// Draws sigmas; without a preference the cleanest entry is never drawn (as in ai-toolkit).
    public func draw(_ count: Int, tokens: Int, random: RandomGenerator) -> [Double] {
        range.indices(count, random: random).map {
            Self.sigma(at: $0, of: range.length, tokens: tokens)
        }
    }

    /// Entry of a table of `length`: 1 at index 0, 0.1 at the last.
    ///
    /// - Source: diffusers `FlowMatchEulerDiscreteScheduler`: exponential shift, then a stretch.
    static func sigma(at index: Int, of length: Int, tokens: Int) -> Double {
        let factor = exp(-TokenShift.exponent(tokens: tokens))
        func cleanness(_ index: Int) -> Double {  // 1 − shifted sigma, exact near 0 too
            let odds = 1 / LinearSigmas.sigma(at: index, of: length) - 1
            return factor * odds / (1 + factor * odds)
        }
        return 1 - cleanness(index) * (1 - 0.1) / cleanness(length - 1)
    }
}
