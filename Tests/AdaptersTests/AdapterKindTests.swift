import Testing
import Torch

@testable import Adapters

/// Every kind against its dense formula in float64.
@Suite("Kinds of adapters") struct AdapterKindTests {
    @Test("a fresh adapter leaves the layer as it is", arguments: AdapterSample.all)
    func fresh(sample: AdapterSample) throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try AdapterSample.layer()
                let adapter = try sample.attach(to: layer)
                let x = try RandomGenerator(seed: 5).normal([3, 24])
                #expect(layer(x).relativeDifference(from: layer.base(x)) < 1e-6)
                #expect(adapter.changeNorm.item() < 1e-6)
                #expect(adapter.parameters.allSatisfy { $0.requiresGradient })
                #expect(adapter.kind == sample.recipe.kind)
            }
        }
    }

    @Test(
        "outputs and all gradients are those of the dense formula in float64",
        arguments: AdapterSample.all,
        [true, false]
    )
    func dense(sample: AdapterSample, bias: Bool) throws {
        try withTorchErrors {
            let layer = try AdapterSample.layer(bias: bias)
            let adapter = try sample.attachTrained(to: layer)
            let random = try RandomGenerator(seed: 5)
            let x = random.normal([2, 3, 24])
            let seed = random.normal([2, 3, 20])
            x.requiresGradient = true
            let y = recordingGradients { layer(x) }
            let found = gradients(of: [y], seeds: [seed], for: [x] + adapter.parameters)

            let exact = ([x] + adapter.parameters).map { tensor in
                let copy = tensor.detach().to(.float64)
                copy.requiresGradient = true
                return copy
            }
            let matrix = AdapterSample.matrix(of: layer)
            let wanted = recordingGradients {
                exact[0].linear(
                    sample.adaptedMatrix(Array(exact.dropFirst()), matrix),
                    bias: layer.bias?.to(.float64)
                )
            }
            #expect(y.detach().relativeDifference(from: wanted.detach()) < 1e-6)
            let expected = gradients(of: [wanted], seeds: [seed.to(.float64)], for: exact)
            for (index, pair) in zip(found, expected).enumerated() {
                let gradient = try #require(pair.0)
                #expect(
                    gradient.relativeDifference(from: try #require(pair.1)) < 1e-6,
                    "gradient \(index)"
                )
            }
        }
    }

    @Test("how far the matrix moved is told without the matrix", arguments: AdapterSample.all)
    func changeNorm(sample: AdapterSample) throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try AdapterSample.layer()
                let adapter = try sample.attachTrained(to: layer)
                let matrix = AdapterSample.matrix(of: layer)
                let change = sample.adaptedMatrix(adapter.parameters, matrix) - matrix.to(.float64)
                let expected = (change * change).sum().squareRoot().item()
                #expect(abs(adapter.changeNorm.item() / expected - 1) < 1e-5)
            }
        }
    }

    @Test(
        "strength goes from the base layer to beyond the adapted one",
        arguments: AdapterSample.all
    )
    func strength(sample: AdapterSample) throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try AdapterSample.layer()
                let adapter = try sample.attachTrained(to: layer)
                let x = try RandomGenerator(seed: 5).normal([3, 24])
                let (base, whole) = (layer.base(x), layer(x))
                for strength in [0, 0.3, 1, 1.5] {
                    adapter.strength = strength
                    let expected = base + (whole - base) * strength
                    #expect(layer(x).relativeDifference(from: expected) < 2e-6)
                }
            }
        }
    }

    @Test(
        "dropping rows, ranks or values keeps the mean output",
        arguments: AdapterSample.all,
        [AdapterDropout(rank: 0.4), AdapterDropout(element: 0.3)]
    )
    func expectation(sample: AdapterSample, dropout: AdapterDropout) throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try AdapterSample.layer()
                let adapter = try sample.attachTrained(to: layer, dropout: dropout)
                let x = try RandomGenerator(seed: 5).normal([3, 24])
                adapter.prepareStep(random: nil)
                let base = layer.base(x)
                let whole = layer(x)
                let change = whole - base
                let sum = Tensor.zeros(base.shape)
                var differs = 0.0
                let rounds = 4000
                for round in 0..<rounds {
                    adapter.prepareStep(random: try RandomGenerator(seed: UInt64(round)))
                    let found = layer(x)
                    differs = max(differs, found.relativeDifference(from: whole))
                    sum.add(found)
                }
                let mean = sum / Double(rounds) - base
                // 0.82 standard deviations of one round, over the root of the rounds, times five.
                #expect(mean.relativeDifference(from: change) < 0.07)
                #expect(differs > 0.02)
                adapter.prepareStep(random: nil)
                #expect(layer(x).floats() == whole.floats())
            }
        }
    }

    @Test(
        "leaving out the module gives the base layer, as often as asked",
        arguments: AdapterSample.all
    )
    func moduleDropout(sample: AdapterSample) throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try AdapterSample.layer()
                let adapter = try sample.attachTrained(
                    to: layer,
                    dropout: AdapterDropout(module: 0.3)
                )
                let x = try RandomGenerator(seed: 5).normal([2, 24])
                let base = layer.base(x).floats()
                let whole = layer(x).floats()
                var dropped = 0
                for round in 0..<1000 {
                    adapter.prepareStep(random: try RandomGenerator(seed: UInt64(round)))
                    let found = layer(x).floats()
                    #expect(found == base || found == whole)
                    dropped += found == base ? 1 : 0
                }
                #expect(abs(Double(dropped) / 1000 - 0.3) < 0.05)
            }
        }
    }

    @Test(
        "a layer in bfloat16 stays in it; parameters get float32 gradients",
        arguments: AdapterSample.all
    )
    func types(sample: AdapterSample) throws {
        try withTorchErrors {
            let layer = try AdapterSample.layer(dtype: .bfloat16)
            let adapter = try sample.attachTrained(to: layer, dtype: .bfloat16)
            let x = try RandomGenerator(seed: 5).normal([3, 24]).to(.bfloat16)
            let y = recordingGradients { layer(x) }
            #expect(y.dtype == .bfloat16)
            let seed = Tensor.full([3, 20], 1, dtype: .bfloat16)
            let found = gradients(of: [y], seeds: [seed], for: adapter.parameters)
            #expect(found.allSatisfy { $0?.dtype == .float32 })
            let matrix = AdapterSample.matrix(of: layer, dtype: .bfloat16)
            let expected = x.to(.float64).linear(
                sample.adaptedMatrix(adapter.parameters, matrix).detach(),
                bias: layer.bias?.to(.float64)
            )
            #expect(y.detach().relativeDifference(from: expected) < 0.02)
        }
    }

    @Test("the number of values is known from sizes alone", arguments: AdapterSample.all)
    func valueCount(sample: AdapterSample) throws {
        try withTorchErrors {
            for (input, output) in [(24, 20), (16, 64), (30, 7), (64, 2)] {
                let layer = try AdapterSample.layer(input: input, output: output)
                let adapter = try sample.attach(to: layer)
                let count = adapter.parameters.reduce(0) { $0 + $1.count }
                #expect(
                    sample.recipe.valueCount("layer", input: input, output: output) == count
                )
                #expect(adapter.parameterNames.count == adapter.parameters.count)
            }
        }
    }
}
