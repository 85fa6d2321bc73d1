import Testing
import Torch

@testable import Adapters

/// A matrix that counts what is asked of it.
private final class CountingWeight: LinearWeight {
    private let weight: any LinearWeight
    var products = 0
    init(_ weight: any LinearWeight) { self.weight = weight }
    var shape: [Int] { weight.shape }
    var byteCount: Int { weight.byteCount }
    var tensors: [Tensor] { weight.tensors }
    var rowSquares: Tensor { weight.rowSquares }
    func product(_ x: Tensor, bias: Tensor?) -> Tensor {
        products += 1
        return weight.product(x, bias: bias)
    }
}

/// What is particular to DoRA.
@Suite("DoRA") struct MagnitudeAdapterTests {
    private static let sample = AdapterSample(
        name: "dora",
        recipe: AdapterSample.recipe(.dora)
    )

    @Test("norms of rows come from squares and thin products")
    func norms() throws {
        try withTorchErrors {
            try withoutGradients {
                for dtype in [DType.float32, .float64] {
                    let layer = try AdapterSample.layer(input: 2100, output: 40, dtype: dtype)
                    let random = try RandomGenerator(seed: 3)
                    let update = LowRankUpdate(
                        down: random.normal([4, 2100]).to(dtype),
                        up: random.normal([40, 4]).to(dtype),
                        scale: 0.7
                    )
                    let rows = RowNorms(of: update, on: layer, dtype)
                    let base = AdapterSample.matrix(of: layer, dtype: dtype).to(.float64)
                    let sum =
                        base + update.up.to(.float64).matmul(update.down.to(.float64)) * 0.7
                    func norm(_ x: Tensor) -> Tensor { (x * x).sum([1]).squareRoot() }
                    #expect(rows.norm.relativeDifference(from: norm(sum)) < 1e-6)
                    #expect(rows.base.relativeDifference(from: norm(base)) < 1e-6)
                }
            }
        }
    }

    @Test("the norm is computed once per change, however often the layer runs")
    func once() throws {
        try withTorchErrors {
            let plain = try AdapterSample.layer()
            let counter = CountingWeight(plain.weight)
            let layer = Linear(path: "layer", weight: counter, bias: plain.bias)
            let adapter = try Self.sample.attach(to: layer)
            let x = try RandomGenerator(seed: 5).normal([3, 24])
            counter.products = 0
            for part in 0..<3 {
                adapter.prepareStep(random: try RandomGenerator(seed: UInt64(part)))
                _ = withoutGradients { layer(x) }
                _ = recordingGradients { layer(x) }
            }
            #expect(counter.products == 6)
            withoutGradients { adapter.parameters[1].add(.full([20, 2], 0.1)) }
            _ = withoutGradients { layer(x) }
            #expect(counter.products == 8)
            _ = recordingGradients { layer(x) }
            #expect(counter.products == 9)
        }
    }

    @Test("reading a parameter is no change, adding a gradient is one")
    func changes() throws {
        try withTorchErrors {
            let layer = try AdapterSample.layer()
            let adapter = try Self.sample.attachTrained(to: layer)
            let before = adapter.parameters.map(\.changeCount)
            let x = try RandomGenerator(seed: 5).normal([3, 24])
            let y = recordingGradients { layer(x) }
            let found = gradients(of: [y], seeds: [.full([3, 20], 1)], for: adapter.parameters)
            #expect(adapter.parameters.map(\.changeCount) == before)
            withoutGradients {
                for (parameter, gradient) in zip(adapter.parameters, found) {
                    if let gradient { parameter.add(gradient, factor: -0.1) }
                }
            }
            #expect(zip(adapter.parameters, before).allSatisfy { $0.changeCount > $1 })
        }
    }

    @Test("rows of zeros stay numbers")
    func zeroRows() throws {
        try withTorchErrors {
            let tensors = [
                "layer.weight": Tensor.zeros([5, 6]), "layer.bias": Tensor.full([5], 2),
            ]
            let reader = WeightReader(MemoryWeights(tensors), named: "test", dtype: .float32)
            let layer = Linear(reader.root / "layer", 6, 5)
            try reader.finish()
            let adapter = try Self.sample.attach(to: layer)
            let x = try RandomGenerator(seed: 5).normal([3, 6])
            let y = recordingGradients { layer(x) }
            #expect(y.floats() == Array(repeating: 2, count: 15))
            let found = gradients(of: [y], seeds: [.full([3, 5], 1)], for: adapter.parameters)
            #expect(found.allSatisfy { $0?.isFinite ?? true })
        }
    }

    @Test("a step of the magnitude that bfloat16 cannot tell from 1 arrives all the same")
    func fineMagnitude() throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try AdapterSample.layer(dtype: .bfloat16, bias: false)
                let adapter = try Self.sample.attach(to: layer, dtype: .bfloat16)
                let x = (try RandomGenerator(seed: 5)).normal([4096, 24]).to(.bfloat16)
                let before = layer(x).to(.float64)
                let step = 1.0035
                #expect(Tensor.full([1], step, dtype: .bfloat16).item() == 1)
                adapter.parameters[2].scale(by: step)
                let after = layer(x).to(.float64)
                let growth = (after * before).sum().item() / (before * before).sum().item()
                #expect(growth > 1.002 && growth < 1.006)
            }
        }
    }
}
