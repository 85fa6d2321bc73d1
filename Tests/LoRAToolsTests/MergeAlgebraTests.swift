import Testing
import Torch

@testable import LoRATools

/// Formulas on thin factors against dense algebra, float64, out = 96, in = 80, ranks 8 and 6.
@Suite("Merging, algebra")
struct MergeAlgebraTests {
    private let samples: MergeSamples
    private let pair: [LowRankFactors]
    private let sum: Tensor

    init() throws {
        samples = try MergeSamples()
        pair = samples.pair
        sum = denseSum(pair)
    }

    @Test("the sum is the dense sum")
    func sumIsDense() throws {
        let distance = try withTorchErrors { try merged(SumMethod(), pair).distance(from: sum) }
        #expect(distance < 1e-14)
    }

    @Test("norm and inner product of updates come from Gram matrices")
    func norms() throws {
        try withTorchErrors {
            let layer = MergeLayer(pair)
            let first = pair[0].dense
            #expect(abs(layer.norms[0] - first.frobenius) < 1e-11 * first.frobenius)
            let (a, b) = (layer.ranges[0], layer.ranges[1])
            let inner = layer.outputs.block(a, b).inner(layer.inputs.block(a, b))
            #expect(abs(inner - first.inner(pair[1].dense)) < 1e-9)
        }
    }

    @Test("a dense update is found again in its decomposition, values and all")
    func decomposition() throws {
        try withTorchErrors {
            let (q, r) = pair[0].up.orthogonalTriangular()
            let (p, t) = pair[0].down.transposed.orthogonalTriangular()
            let core = r.matmul(t.transposed).singularValues()
            let dense = q.matmul(core.u * core.s.unsqueeze(0)).matmul(core.vt)
                .matmul(p.transposed)
            #expect(dense.distance(from: pair[0].dense) < 1e-12)
            let values = pair[0].dense.singularValues().s.narrow(0, from: 0, count: 8)
            #expect(core.s.distance(from: values) < 1e-11)
        }
    }

    // MARK: - Damp

    @Test("damping per column is the dense rule: mean magnitude times the sum of directions")
    func dampIsDense() throws {
        try withTorchErrors {
            let updates = pair.map(\.dense)
            let lengths = updates.map { ($0 * $0).sum([0]).squareRoot() }
            let mean = (lengths[0] + lengths[1]) * 0.5
            let expected = (updates[0] / lengths[0] + updates[1] / lengths[1]) * mean
            let method = DampMethod(
                strength: 1,
                granularity: .column,
                mayRaise: true,
                threshold: 1,
                least: 0
            )
            let value1 = try merged(method, pair).distance(from: expected)
            #expect(value1 < 1e-12)
        }
    }

    @Test("damping with strength 0 is the sum")
    func dampOff() throws {
        let distance = try withTorchErrors {
            try merged(DampMethod(strength: 0), pair).distance(from: sum)
        }
        #expect(distance < 1e-14)
    }

    // MARK: - Protect

    @Test("soft projection is W (I + μ V Vᵀ)⁻¹ of the other, and leaves the protected one alone")
    func softProjection() throws {
        try withTorchErrors {
            let strength = 0.75  // μ = 3
            let protector = pair[1].decomposed
            let plane = protector.vt.transposed.matmul(protector.vt)
            let filter = (Tensor.identity(80) + plane * 3).inverse
            let expected = pair[0].dense.matmul(filter) + pair[1].dense
            let method = ProtectMethod(1, strength: strength, kind: .flat)
            let value2 = try merged(method, pair).distance(from: expected)
            #expect(value2 < 1e-11)
        }
    }

    @Test("weighed by energy, soft projection takes most from the strongest directions")
    func softProjectionByEnergy() throws {
        try withTorchErrors {
            let protector = pair[1].decomposed
            let shares =
                protector.s * protector.s / protector.s.doubles()[0] / protector.s.doubles()[0]
            let plane = (protector.vt.transposed * shares.unsqueeze(0)).matmul(protector.vt)
            let expected =
                pair[0].dense.matmul((Tensor.identity(80) + plane * 3).inverse) + pair[1].dense
            let method = ProtectMethod(1, strength: 0.75)
            let value3 = try merged(method, pair).distance(from: expected)
            #expect(value3 < 1e-11)
        }
    }

    // MARK: - Isolate

    @Test(
        "the ridge problem's solution is that of the dense normal equations",
        arguments: [
            IsolateMethod.Kind.flat, .energy,
        ]
    )
    func ridgeIsDense(kind: IsolateMethod.Kind) throws {
        try withTorchErrors {
            let lambda = 0.2
            let expected = ridge(pair, lambda, pair.map { share($0, kind) })
            let method = IsolateMethod(strength: 1 / (1 + lambda), kind: kind)
            let value4 = try merged(method, pair).distance(from: expected)
            #expect(value4 < 1e-10)
        }
    }

    @Test("keeping outputs apart is the same problem of the transposed updates")
    func outputSide() throws {
        try withTorchErrors {
            let turned = pair.map {
                LowRankFactors(down: $0.up.transposed, up: $0.down.transposed)
            }
            let expected = try merged(IsolateMethod(strength: 0.8), turned).transposed
            let actual = try merged(IsolateMethod(strength: 0.8, side: .output), pair)
            #expect(actual.distance(from: expected) < 1e-10)
        }
    }

    @Test("λ → ∞ is the sum")
    func largeLambda() throws {
        try withTorchErrors {
            let layer = MergeLayer(pair)
            let mixing = kernel(pair, .flat).mixing(1e9)
            #expect(layer.up.matmul(mixing).matmul(layer.down).distance(from: sum) < 1e-8)
        }
    }

    @Test("λ → 0 answers on each adapter's own inputs as that adapter alone")
    func smallLambda() throws {
        try withTorchErrors {
            let layer = MergeLayer(pair)
            let w = layer.up.matmul(kernel(pair, .flat).mixing(1e-9)).matmul(layer.down)
            for adapter in pair {
                let axes = adapter.decomposed.vt.transposed
                #expect(w.matmul(axes).distance(from: adapter.dense.matmul(axes)) < 1e-6)
            }
            let exact = MergeBaselines.powers(pair, input: 1, output: 0)
            #expect(w.distance(from: exact.dense) < 1e-6)
        }
    }

    // MARK: - Independence

    @Test("three adapters of different ranks: their order changes nothing")
    func orderInvariance() throws {
        try withTorchErrors {
            let three = pair + [samples.draw(4)]
            for method in [IsolateMethod(), IsolateMethod(kind: .flat), IsolateMethod(side: .both)]
            {
                let forward = try merged(method, three)
                let backward = try merged(method, three.reversed())
                #expect(backward.distance(from: forward) < 1e-9)
            }
        }
    }

    @Test("how an update is split into factors changes nothing")
    func gaugeInvariance() throws {
        try withTorchErrors {
            let m = samples.normal(8, 8) + Tensor.identity(8) * 3
            let other = [
                LowRankFactors(down: m.solve(pair[0].down), up: pair[0].up.matmul(m)), pair[1],
            ]
            let methods: [any MergeMethod] = [
                IsolateMethod(), IsolateMethod(kind: .flat), IsolateMethod(side: .both),
                DampMethod(strength: 1, granularity: .column, threshold: 1), ProtectMethod(0),
                ProtectMethod(1),
            ]
            for method in methods {
                let distance = try merged(method, other).distance(from: merged(method, pair))
                #expect(distance < 1e-8, "\(method.name)")
            }
            let scaled = [
                LowRankFactors(down: pair[0].down * 1e-6, up: pair[0].up * 1e6), pair[1],
            ]
            let distance = try merged(IsolateMethod(), scaled)
                .distance(from: merged(IsolateMethod(), pair))
            #expect(distance < 1e-8)
        }
    }

    @Test("simultaneous mutual projection leaves all principal cosines as they were")
    func mutualProjection() throws {
        try withTorchErrors {
            let (a, b) = (pair[0].down, pair[1].down)
            let planes = [a, b].map { down -> Tensor in
                let q = down.transposed.orthogonalTriangular().q
                return q.matmul(q.transposed)
            }
            let before = cosines(a, b)
            let after = cosines(a - a.matmul(planes[1]), b - b.matmul(planes[0]))
            #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-10 })
        }
    }

    // MARK: - Dense references

    private func kernel(_ factors: [LowRankFactors], _ kind: IsolateMethod.Kind) -> RidgeKernel {
        let layer = MergeLayer(factors)
        return RidgeKernel(
            inputs: layer.inputs,
            outputs: layer.outputs,
            of: layer,
            balance: layer.balance,
            kind: kind
        )
    }

    private func share(_ factors: LowRankFactors, _ kind: IsolateMethod.Kind) -> Tensor {
        let parts = factors.decomposed
        let axes = parts.vt.transposed
        guard kind == .energy else { return axes.matmul(axes.transposed) }
        let scaled = axes * (parts.s / parts.s.doubles()[0]).unsqueeze(0)
        return scaled.matmul(scaled.transposed)
    }

    private func ridge(_ factors: [LowRankFactors], _ lambda: Double, _ shares: [Tensor]) -> Tensor
    {
        let start = denseSum(factors) * lambda
        let wanted = zip(factors, shares).reduce(start) { $0 + $1.0.dense.matmul($1.1) }
        let total = shares.reduce(Tensor.identity(80) * lambda) { $0 + $1 }
        return wanted.matmul(total.inverse)
    }

    private func cosines(_ a: Tensor, _ b: Tensor) -> [Double] {
        let (p, q) = (a.transposed.orthogonalTriangular().q, b.transposed.orthogonalTriangular().q)
        return p.transposed.matmul(q).singularValues().s.doubles()
    }
}
