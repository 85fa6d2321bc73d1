import Testing
import Torch

@testable import Adapters

/// One layer with an adapter.
@Suite("Low-rank adapters") struct LowRankAdapterTests {
    private func adapter(
        _ layer: Linear,
        dropout: AdapterDropout = .none,
        scale: Double = 1
    ) throws -> LowRankAdapter {
        let random = try RandomGenerator(seed: 2)
        let adapter = LowRankAdapter(
            down: random.normal([4, layer.inputCount]),
            up: random.normal([layer.outputCount, 4]),
            scale: scale,
            dropout: dropout
        )
        layer.adapter = adapter
        return adapter
    }

    @Test("the update is scale · B A x")
    func formula() throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try AdapterFixture.layer()
                let adapter = try adapter(layer, scale: 0.25)
                let x = try RandomGenerator(seed: 5).normal([2, 3, 6])
                let update = x.linear(adapter.down).linear(adapter.up) * 0.25
                let expected = layer.base(x) + update
                #expect(layer(x).relativeDifference(from: expected) < 1e-6)
                #expect(layer(x).shape == [2, 3, 5])
            }
        }
    }

    @Test("a fresh adapter changes nothing, and its A depends on the seed")
    func fresh() throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try AdapterFixture.layer()
                func fresh(_ seed: UInt64) throws -> LowRankAdapter {
                    LowRankAdapter(
                        for: layer,
                        rank: 4,
                        random: try RandomGenerator(seed: seed),
                        device: .cpu
                    )
                }
                let adapter = try fresh(1)
                layer.adapter = adapter
                let x = try RandomGenerator(seed: 5).normal([3, 6])
                #expect(layer(x).relativeDifference(from: layer.base(x)) == 0)
                let largest = adapter.down.absolute().largest().item()
                #expect(largest <= 1 / 6.0.squareRoot() && largest > 0.2)
                #expect(try fresh(1).down.floats() == adapter.down.floats())
                #expect(try fresh(2).down.floats() != adapter.down.floats())
                #expect(adapter.parameters.allSatisfy { $0.requiresGradient })
            }
        }
    }

    @Test("a layer in bfloat16 stays in bfloat16 with float32 matrices")
    func types() throws {
        try withTorchErrors {
            let layer = try AdapterFixture.layer(dtype: .bfloat16)
            let adapter = try adapter(layer)
            let x = try RandomGenerator(seed: 5).normal([3, 6]).to(.bfloat16)
            let y = recordingGradients { layer(x) }
            #expect(y.dtype == .bfloat16)
            let seed = Tensor.full([3, 5], 1, dtype: .bfloat16)
            let found = gradients(of: [y], seeds: [seed], for: adapter.parameters)
            #expect(found.allSatisfy { $0?.dtype == .float32 })
        }
    }

    @Test(
        "dropping ranks or values keeps the mean output",
        arguments: [
            AdapterDropout(rank: 0.5), AdapterDropout(element: 0.3),
        ]
    )
    func expectation(dropout: AdapterDropout) throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try AdapterFixture.layer()
                let adapter = try adapter(layer, dropout: dropout)
                let x = try RandomGenerator(seed: 5).normal([3, 6])
                adapter.prepareStep(random: nil)
                let whole = layer(x)
                let sum = Tensor.zeros([3, 5])
                let rounds = 4000
                for round in 0..<rounds {
                    adapter.prepareStep(random: try RandomGenerator(seed: UInt64(round)))
                    sum.add(layer(x))
                }
                #expect((sum / Double(rounds)).relativeDifference(from: whole) < 0.05)
                #expect(layer(x).relativeDifference(from: whole) > 0.05)
            }
        }
    }

    @Test(
        "what a step leaves out stays the same when its layers run again",
        arguments: [
            AdapterDropout(rank: 0.5), AdapterDropout(element: 0.5), AdapterDropout(module: 0.5),
        ]
    )
    func recomputation(dropout: AdapterDropout) throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try AdapterFixture.layer()
                let adapter = try adapter(layer, dropout: dropout)
                let x = try RandomGenerator(seed: 5).normal([3, 6])
                var outputs: Set<[Float]> = []
                for round in 0..<30 {
                    adapter.prepareStep(random: try RandomGenerator(seed: UInt64(round)))
                    let first = layer(x).floats()
                    #expect(layer(x).floats() == first)
                    outputs.insert(first)
                }
                #expect(outputs.count > 1)
            }
        }
    }

    @Test("leaving out the module gives the base layer, as often as asked")
    func module() throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try AdapterFixture.layer()
                let adapter = try adapter(layer, dropout: AdapterDropout(module: 0.3))
                let x = try RandomGenerator(seed: 5).normal([3, 6])
                let base = layer.base(x).floats()
                adapter.prepareStep(random: nil)
                let whole = layer(x).floats()
                var dropped = 0
                for round in 0..<2000 {
                    adapter.prepareStep(random: try RandomGenerator(seed: UInt64(round)))
                    let found = layer(x).floats()
                    #expect(found == base || found == whole)
                    dropped += found == base ? 1 : 0
                }
                #expect(abs(Double(dropped) / 2000 - 0.3) < 0.04)
            }
        }
    }
}
