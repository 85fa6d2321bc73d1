import Testing
import Torch

@testable import Adapters

/// Adapters over weights in 8 and 4 bits.
@Suite("Adapters over quantised weights") struct QuantizedAdapterTests {
    private func layer(_ weight: Tensor, _ format: WeightFormat?) throws -> Linear {
        let path = "transformer_blocks.0.attn1.to_q"
        let source = MemoryWeights([
            "\(path).weight": weight, "\(path).bias": try RandomGenerator(seed: 2).normal([24]),
        ])
        let reader = WeightReader(source, named: "test", dtype: .float32) { _ in format }
        let layer = Linear(
            reader.root / "transformer_blocks" / 0 / "attn1" / "to_q",
            weight.size(1),
            weight.size(0)
        )
        try reader.finish()
        let random = try RandomGenerator(seed: 3)
        layer.adapter = LowRankAdapter(
            down: random.normal([4, layer.inputCount]),
            up: random.normal([layer.outputCount, 4]),
            scale: 0.5
        )
        return layer
    }

    /// Output, and gradients of input, A and B.
    private func results(_ layer: Linear, _ x: Tensor, _ seed: Tensor) throws -> [Tensor] {
        let x = x.clone()
        x.requiresGradient = true
        let adapter = try #require(layer.adapter as? LowRankAdapter)
        let y = recordingGradients { layer(x) }
        let found = gradients(of: [y], seeds: [seed], for: [x] + adapter.parameters)
        return [y.detach()] + found.compactMap(\.self)
    }

    @Test(
        "output and all gradients are those over the decoded matrix, elementwise",
        arguments: WeightFormat.allCases
    )
    func sameAsDense(format: WeightFormat) throws {
        try withTorchErrors {
            let random = try RandomGenerator(seed: 1)
            let quantised = try layer(random.normal([24, 128]), format)
            let weight = try #require(quantised.weight as? any PackedWeight)
            let dense = try layer(weight.dense(.float32), nil)
            let (x, seed) = (random.normal([2, 5, 128]), random.normal([2, 5, 24]))
            let pairs = zip(try results(quantised, x, seed), try results(dense, x, seed))
            #expect(try results(quantised, x, seed).count == 4)
            for (found, expected) in pairs {
                #expect(found.relativeDifference(from: expected) < 1e-6)
            }
        }
    }
}
