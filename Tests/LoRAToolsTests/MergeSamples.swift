import Testing
import Torch

@testable import LoRATools

/// Adapters of a small layer, 96 × 80, float64, and what dense algebra makes of them.
struct MergeSamples {
    let random: RandomGenerator
    let out = 96
    let input = 80
    let pair: [LowRankFactors]

    init(seed: UInt64 = 0) throws {
        let random = try RandomGenerator(seed: seed)
        self.random = random
        pair = [Self.draw(random, 96, 80, 8, 0.3), Self.draw(random, 96, 80, 6, 0.2)]
    }

    /// B `[out, r]` with decaying columns, A `[r, in]`.
    static func draw(
        _ random: RandomGenerator,
        _ out: Int,
        _ input: Int,
        _ rank: Int,
        _ decay: Double = 0
    ) -> LowRankFactors {
        let steps = Tensor.range(to: Double(rank), dtype: .float64)
        let up = random.normal([out, rank]).to(.float64) * (steps * -decay).exp().unsqueeze(0)
        let down = random.normal([rank, input]).to(.float64) * (1 / Double(input).squareRoot())
        return LowRankFactors(down: down, up: up)
    }

    func draw(_ rank: Int) -> LowRankFactors { Self.draw(random, out, input, rank) }

    func normal(_ shape: Int...) -> Tensor { random.normal(shape).to(.float64) }

    /// Two adapters that began with the same A.
    var sharedStart: [LowRankFactors] {
        let first = pair[0]
        let near = first.down + normal(8, input) * 0.01
        return [first, LowRankFactors(down: near, up: normal(out, 8))]
    }
}

/// `Σ B A`, dense.
func denseSum(_ factors: [LowRankFactors]) -> Tensor {
    factors.dropFirst().reduce(factors[0].dense) { $0 + $1.dense }
}

/// `W = B' A'` of a method.
func merged(
    _ method: any MergeMethod,
    _ factors: [LowRankFactors],
    _ statistics: LayerStatistics? = nil
) throws -> Tensor {
    let layer = MergeLayer(factors, statistics: statistics)
    let mixing = try method.mixing(of: layer)
    return mixing.up(of: layer).matmul(mixing.down(of: layer))
}

extension LowRankFactors {
    /// `s B A`.
    var dense: Tensor { (up * scale).matmul(down) }

    /// A compact decomposition of `s B A`.
    var decomposed: (u: Tensor, s: Tensor, vt: Tensor) {
        let all = dense.singularValues()
        return (
            all.u.columns(0..<rank), all.s.narrow(0, from: 0, count: rank), all.vt.rows(0..<rank)
        )
    }
}

extension Tensor {
    var frobenius: Double { inner(self).squareRoot() }

    /// Frobenius norm of the difference, as a share of the reference's.
    func distance(from reference: Tensor) -> Double {
        let (a, b) = (to(.float64), reference.to(.float64))
        return (a - b).frobenius / max(b.frobenius, 1e-300)
    }

    var inverse: Tensor { solve(.identity(size(0))) }

    var largestSingularValue: Double { singularValues().s.doubles()[0] }
}
