import Testing
import Torch

@testable import Adapters

/// An adapter of each kind with random values, and what it adds to its layer's matrix, said densely.
struct AdapterSample: Sendable, CustomTestStringConvertible {
    let name: String
    let recipe: AdapterRecipe
    var testDescription: String { name }

    static let all: [AdapterSample] = [
        AdapterSample(name: "lora", recipe: recipe(.lora)),
        AdapterSample(name: "dora", recipe: recipe(.dora)),
        AdapterSample(name: "lokr, whole", recipe: recipe(.lokr)),
        AdapterSample(name: "lokr, rank", recipe: recipe(.lokr) { $0.kroneckerIsFull = false }),
        AdapterSample(
            name: "lokr, factor 2",
            recipe: recipe(.lokr) {
                $0.kroneckerFactor = 2
                $0.kroneckerIsFull = false
            }
        ),
        AdapterSample(name: "loha", recipe: recipe(.loha)),
        AdapterSample(name: "fullrank", recipe: recipe(.fullrank)),
    ]

    static func recipe(
        _ kind: AdapterKind,
        _ change: (inout AdapterRecipe) -> Void = { _ in }
    ) -> AdapterRecipe {
        var recipe = AdapterRecipe()
        recipe.kind = kind
        recipe.rank = 2
        recipe.scale = 0.5
        change(&recipe)
        return recipe
    }

    /// A layer `[out, in]` with a bias.
    static func layer(
        input: Int = 24,
        output: Int = 20,
        dtype: DType = .float32,
        bias: Bool = true
    ) throws -> Linear {
        let random = try RandomGenerator(seed: 9)
        var tensors = ["layer.weight": random.normal([output, input]) * 0.3]
        if bias { tensors["layer.bias"] = random.normal([output]) }
        let reader = WeightReader(MemoryWeights(tensors), named: "test", dtype: dtype)
        let layer = Linear(reader.root / "layer", input, output, bias: bias)
        try reader.finish()
        return layer
    }

    /// The layer's own matrix, `[out, in]`, seen through its product.
    static func matrix(of layer: Linear, dtype: DType = .float32) -> Tensor {
        withoutGradients {
            layer.weight.product(identity(layer.inputCount).to(dtype), bias: nil).transpose(0, 1)
        }
    }

    static func identity(_ count: Int) -> Tensor {
        Tensor((0..<count * count).map { $0 % (count + 1) == 0 ? 1 : 0 }, shape: [count, count])
    }

    /// A fresh adapter on the layer.
    func attach(to layer: Linear, dtype: DType = .float32, dropout: AdapterDropout = .none) throws
        -> any TrainableAdapter
    {
        var recipe = recipe
        recipe.dropout = dropout
        let adapter = recipe.adapter(
            for: layer,
            random: try RandomGenerator(seed: 4),
            device: .cpu,
            activations: dtype
        )
        layer.adapter = adapter
        return adapter
    }

    /// The same with all parameters moved.
    func attachTrained(
        to layer: Linear,
        dtype: DType = .float32,
        dropout: AdapterDropout = .none
    ) throws -> any TrainableAdapter {
        let adapter = try attach(to: layer, dtype: dtype, dropout: dropout)
        let random = try RandomGenerator(seed: 6)
        withoutGradients {
            for parameter in adapter.parameters {
                parameter.add(random.normal(parameter.shape) * 0.2)
            }
        }
        return adapter
    }

    /// The adapted matrix in float64, from the parameters and the layer's matrix.
    func adaptedMatrix(_ parameters: [Tensor], _ matrix: Tensor) -> Tensor {
        let values = parameters.map { $0.to(.float64) }
        let base = matrix.to(.float64)
        let scale = recipe.scale
        switch recipe.kind {
        case .lora: return base + values[1].matmul(values[0]) * scale
        case .dora:
            let sum = base + values[1].matmul(values[0]) * scale
            let norm = withoutGradients { (sum * sum).sum([1], keep: true).squareRoot() }.detach()
            return sum * values[2].reshape(-1, 1) / norm
        case .lokr:
            let whole = values.count == 2
            let second = whole ? values[1] : values[1].matmul(values[2]) * scale
            return base + kronecker(values[0], second)
        case .loha:
            return base + values[0].matmul(values[1]) * values[2].matmul(values[3]) * scale
        case .fullrank: return base + values[0]
        }
    }

    private func kronecker(_ x: Tensor, _ y: Tensor) -> Tensor {
        (x.unsqueeze(1).unsqueeze(3) * y.unsqueeze(0).unsqueeze(2))
            .reshape(x.size(0) * y.size(0), x.size(1) * y.size(1))
    }
}
