import Torch

// Axes: T tokens (all leading axes together), r rank.

/// `scale · B A x` with A `[r, in]` and B `[out, r]`: what LoRA and DoRA share.
struct LowRankUpdate {
    let down: Tensor  // [r, in]
    let up: Tensor  // [out, r]
    let scale: Double

    init(down: Tensor, up: Tensor, scale: Double) {
        self.down = down
        self.up = up
        self.scale = scale
        down.requiresGradient = true
        up.requiresGradient = true
    }

    var rank: Int { down.size(0) }

    static func valueCount(_ input: Int, _ output: Int, rank: Int) -> Int {
        rank * (input + output)
    }

    /// `base + strength · scale · B A x` for `x` `[T, in]` and `base` `[T, out]`.
    func added(to base: Tensor, for x: Tensor, _ masks: AdapterDropout.Masks, strength: Double = 1)
        -> Tensor
    {
        base.addingMatmul(inner(x, masks), up.to(x.dtype).transpose(0, 1), factor: scale * strength)
    }

    /// `A x` without what is dropped, `[T, r]`.
    func inner(_ x: Tensor, _ masks: AdapterDropout.Masks) -> Tensor {
        masks.apply(to: x.matmul(down.to(x.dtype).transpose(0, 1)))
    }

    /// A, and B with the scale folded in.
    var stored: [StoredTensor] {
        [
            StoredTensor("lora_A.weight", down),
            StoredTensor("lora_B.weight", scale == 1 ? up : up.detach() * scale),
        ]
    }

    /// `‖scale · B A‖`, from two matrices `[r, r]`: `‖B A‖² = Σ (BᵀB) ∘ (A Aᵀ)`.
    var norm: Tensor { productNorm(up, down) * abs(scale) }

    /// Takes A and B of a file; of a wider update the rest stays as it was made, where B is zero.
    func begin(with record: AdapterRecord) throws(AdapterMismatch) {
        let a = try record.tensor("lora_A")
        let b = try record.tensor("lora_B")
        let count = try record.rank(of: a, along: 0, atMost: rank)
        try record.check("lora_A", a, [count, down.size(1)])
        try record.check("lora_B", b, [up.size(0), count])
        let factor = record.alpha.map { $0 / Double(count) } ?? 1
        withoutGradients {
            down.narrow(0, from: 0, count: count).copy(from: a)
            up.scale(by: 0)
            up.narrow(1, from: 0, count: count).copy(from: rescaled(b, factor / scale))
        }
    }
}

/// `‖left · right‖` of a product that need not be made.
func productNorm(_ left: Tensor, _ right: Tensor) -> Tensor {
    let inner = left.transpose(0, 1).matmul(left) * right.matmul(right.transpose(0, 1))  // [r, r]
    return inner.sum().clamped(0, .infinity).squareRoot()
}

/// The tensor itself where the factor is 1: not a bit changes.
func rescaled(_ tensor: Tensor, _ factor: Double) -> Tensor {
    factor == 1 ? tensor : tensor.to(.float32) * factor
}
