import Testing
import Torch

@testable import LoRATools

/// Other kinds of adapters, and the ways of others, against dense algebra.
@Suite("Merging, other kinds and baselines")
struct MergeExactTests {
    private let samples: MergeSamples
    private let pair: [LowRankFactors]

    init() throws {
        samples = try MergeSamples(seed: 5)
        pair = samples.pair
    }

    @Test("DoRAs and a LoRA become one DoRA that does what all of them do")
    func magnitudes() throws {
        try withTorchErrors {
            let base = samples.normal(96, 80)
            let three = pair + [samples.draw(4)]
            let weights = [1, 0.7, 1.3]
            let lengths: [Tensor?] =
                pair.map {
                    rows(base + $0.dense) * (samples.normal(96) * 0.1).exp()
                } + [nil]
            let changes = zip(three, lengths).map { factors, length -> Tensor in
                guard let length else { return factors.dense }
                let sum = base + factors.dense
                return sum * (length / rows(sum)).unsqueeze(1) - base
            }
            let expected = zip(changes, weights).reduce(base * 0) { $0 + $1.0 * $1.1 }
            let parts = zip(zip(three, lengths), weights).map {
                MagnitudeMerge.Part($0.0, magnitude: $0.1, weight: $1)
            }
            let result = MagnitudeMerge(parts, on: base)
            let sum = base + result.up.matmul(result.down)
            let actual = sum * (result.magnitude / rows(sum)).unsqueeze(1) - base
            #expect(actual.distance(from: expected) < 1e-11)
            #expect(result.down.size(0) == 18)
        }
    }

    @Test("a LoKr with a product becomes a LoRA of the product of the ranks, exactly")
    func kroneckerOfProduct() throws {
        try withTorchErrors {
            let (w1, a, b) = (samples.normal(4, 4), samples.normal(24, 3), samples.normal(3, 20))
            let factors = ExactFactors.kronecker(w1, a, b)
            #expect(factors.rank == 12)
            #expect(factors.dense.distance(from: w1.kronecker(with: a.matmul(b))) < 1e-12)
        }
    }

    @Test("a LoKr with a whole factor: spectrum and best LoRA come from the two small factors")
    func kroneckerOfWhole() throws {
        try withTorchErrors {
            let (w1, w2) = (samples.normal(4, 4), samples.normal(24, 20))
            let dense = w1.kronecker(with: w2)
            let all = ExactFactors.kronecker(w1, whole: w2, rank: 80)
            #expect(all.error < 1e-7)
            #expect(all.factors.dense.distance(from: dense) < 1e-12)
            let some = ExactFactors.kronecker(w1, whole: w2, rank: 20)
            let parts = dense.singularValues()
            let best =
                (parts.u.columns(0..<20) * parts.s.narrow(0, from: 0, count: 20).unsqueeze(0))
                .matmul(parts.vt.rows(0..<20))
            #expect(some.factors.dense.distance(from: best) < 1e-10)
            #expect(abs(some.error - best.distance(from: dense)) < 1e-10)
        }
    }

    @Test("powers ½ and ½ are the published orthogonalisation of stacked singular vectors")
    func taskSingularVectors() throws {
        try withTorchErrors {
            let parts = pair.map(\.decomposed)
            let (u, v) = (
                Tensor.concatenate(parts.map(\.u), axis: 1),
                Tensor.concatenate(parts.map(\.vt), axis: 0)
            )
            let sigma = Tensor.concatenate(parts.map(\.s), axis: 0)
            let (left, right) = (u.singularValues(), v.singularValues())
            let expected = (left.u.matmul(left.vt) * sigma.unsqueeze(0))
                .matmul(right.u.matmul(right.vt))
            let actual = MergeBaselines.taskSingularVectors(pair).dense
            #expect(actual.distance(from: expected) < 1e-10)
        }
    }

    @Test("powers 0 are the sum, 1 on the inputs is exact there, 1 on both sides is bi-orthogonal")
    func powers() throws {
        try withTorchErrors {
            let sum = MergeBaselines.powers(pair, input: 0, output: 0).dense
            #expect(sum.distance(from: denseSum(pair)) < 1e-12)
            let (first, second) = (pair[0].decomposed, pair[1].decomposed)
            let own = MergeBaselines.powers(pair, input: 1, output: 0).dense
            for (adapter, parts) in zip(pair, [first, second]) {
                let axes = parts.vt.transposed
                #expect(own.matmul(axes).distance(from: adapter.dense.matmul(axes)) < 1e-10)
            }
            let both = MergeBaselines.powers(pair, input: 1, output: 1).dense
            let cross = first.u.transposed.matmul(both).matmul(second.vt.transposed)
            #expect(cross.frobenius < 1e-10 * both.frobenius)
            let kept = first.u.transposed.matmul(both).matmul(first.vt.transposed)
            #expect(kept.distance(from: .diagonal(first.s.doubles())) < 1e-10)
        }
    }

    @Test("KnOTS from factors is KnOTS of the dense updates")
    func knots() throws {
        try withTorchErrors {
            let dense = Tensor.concatenate(pair.map(\.dense), axis: 1).singularValues()
            let (u, s) = (dense.u.columns(0..<14), dense.s.narrow(0, from: 0, count: 14))
            let tasks = [0..<80, 80..<160].map {
                LowRankFactors(
                    down: dense.vt.rows(0..<14).columns($0) * s.unsqueeze(1),
                    up: .identity(14)
                )
            }
            let expected = u.matmul(MergeBaselines.ties(tasks))
            #expect(MergeBaselines.knots(pair).distance(from: expected) < 1e-8)
        }
    }

    @Test("cutting the rank of the sum by its small core is the best cut")
    func truncation() throws {
        try withTorchErrors {
            let (up, down) = (
                Tensor.concatenate(pair.map(\.up), axis: 1),
                Tensor.concatenate(pair.map(\.down), axis: 0)
            )
            let (q, r) = up.orthogonalTriangular()
            let (p, t) = down.transposed.orthogonalTriangular()
            let core = r.matmul(t.transposed).singularValues()
            let cut = q.matmul(
                core.u.columns(0..<6) * core.s.narrow(0, from: 0, count: 6).unsqueeze(0)
            )
            .matmul(core.vt.rows(0..<6)).matmul(p.transposed)
            let parts = denseSum(pair).singularValues()
            let best = (parts.u.columns(0..<6) * parts.s.narrow(0, from: 0, count: 6).unsqueeze(0))
                .matmul(parts.vt.rows(0..<6))
            #expect(cut.distance(from: best) < 1e-10)
        }
    }

    @Test("DARE keeps the mean")
    func dare() throws {
        try withTorchErrors {
            let runs = try (0..<200).map { try MergeBaselines.dare(pair, seed: $0) }
            let mean = runs.dropFirst().reduce(runs[0]) { $0 + $1 } * (1 / 200.0)
            #expect(mean.distance(from: denseSum(pair)) < 0.12)
        }
    }

    private func rows(_ matrix: Tensor) -> Tensor { (matrix * matrix).sum([1]).squareRoot() }
}
