public import Torch

// Axes: T tokens (all leading axes together), r rank.

/// LoRA: `y = W x + b + scale · B A x` with A `[r, in]` and B `[out, r]`, both float32.
///
/// - Source: "LoRA: Low-rank adaptation of large language models", Hu et al., 2021.
public final class LowRankAdapter: TrainableAdapter {
    /// The matrix A, `[r, in]`.
    public let down: Tensor
    /// The matrix B, `[out, r]`.
    public let up: Tensor
    /// Factor on the update.
    public let scale: Double
    /// Factor on the update beside the scale, for items that want it weaker or stronger.
    public var strength = 1.0
    private let dropout: AdapterDropout
    private var masks = AdapterDropout.Masks()

    /// An adapter with given matrices, which become trainable.
    public init(down: Tensor, up: Tensor, scale: Double = 1, dropout: AdapterDropout = .none) {
        self.down = down
        self.up = up
        self.scale = scale
        self.dropout = dropout
        down.requiresGradient = true
        up.requiresGradient = true
    }

    /// A fresh adapter: A uniform within ±1/√in, B zero, so that training starts at the base model.
    public convenience init(
        for layer: Linear,
        rank: Int,
        scale: Double = 1,
        dropout: AdapterDropout = .none,
        random: RandomGenerator,
        device: Device
    ) {
        let bound = 1 / Double(layer.inputCount).squareRoot()
        let down = (random.uniform([rank, layer.inputCount]) * 2 - 1) * bound
        self.init(
            down: down.to(on: device).detach(),
            up: .zeros([layer.outputCount, rank], device: device),
            scale: scale,
            dropout: dropout
        )
    }

    /// A, then B.
    public var parameters: [Tensor] { [down, up] }

    /// The names under which files keep the parameters, behind the layer's path.
    public var parameterNames: [String] { ["lora_A.weight", "lora_B.weight"] }

    /// A, and B with the scale folded in.
    public var stored: [Tensor] {
        withoutGradients { [down.detach(), scale == 1 ? up.detach() : up * scale] }
    }

    /// Takes back what `stored` gave.
    public func restore(_ stored: [Tensor]) {
        withoutGradients {
            for (parameter, tensor) in zip(parameters, stored) { parameter.copy(from: tensor) }
            if scale != 1 { up.scale(by: 1 / scale) }
        }
    }

    /// Draws the dropout masks of the next step; they stay the same when a block is recomputed.
    public func prepareStep(random: RandomGenerator?) {
        masks = dropout.masks(rank: down.size(0), random: random, device: down.device)
    }

    /// `‖scale · B A‖`, from two matrices `[r, r]`: `‖B A‖² = Σ (BᵀB) ∘ (A Aᵀ)`.
    public var changeNorm: Tensor {
        let inner = up.transpose(0, 1).matmul(up) * down.matmul(down.transpose(0, 1))  // [r, r]
        return inner.sum().clamped(0, .infinity).squareRoot() * abs(scale)
    }

    /// The adapted layer's output.
    public func output(of layer: Linear, for x: Tensor) -> Tensor {
        let base = layer.base(x)
        guard masks.isKept else { return base }
        let flat = x.reshape(-1, layer.inputCount)  // [T, in]
        let inner = masks.apply(to: flat.matmul(down.to(x.dtype).transpose(0, 1)))  // [T, r]
        let sum = base.reshape(-1, layer.outputCount)
            .addingMatmul(inner, up.to(x.dtype).transpose(0, 1), factor: scale * strength)
        return sum.reshape(base.shape)
    }
}
