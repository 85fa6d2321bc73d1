public import Torch

/// LoRA: `y = W x + b + scale · B A x` with A `[r, in]` and B `[out, r]`, both float32.
///
/// - Source: "LoRA: Low-rank adaptation of large language models", Hu et al., 2021.
public final class LowRankAdapter: TrainableAdapter {
    private let update: LowRankUpdate
    private let dropout: AdapterDropout
    private var masks = AdapterDropout.Masks()
    /// Factor on the update beside the scale, for items that want it weaker or stronger.
    public var strength = 1.0

    /// An adapter with given matrices, which become trainable.
    public init(down: Tensor, up: Tensor, scale: Double = 1, dropout: AdapterDropout = .none) {
        update = LowRankUpdate(down: down, up: up, scale: scale)
        self.dropout = dropout
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
        self.init(
            down: random.uniform([rank, layer.inputCount], within: fanBound(layer.inputCount))
                .to(on: device).detach(),
            up: .zerosWhenWritten([layer.outputCount, rank], device: device),
            scale: scale,
            dropout: dropout
        )
    }

    /// LoRA.
    public var kind: AdapterKind { .lora }

    /// The matrix A, `[r, in]`.
    public var down: Tensor { update.down }

    /// The matrix B, `[out, r]`.
    public var up: Tensor { update.up }

    /// A, then B.
    public var parameters: [Tensor] { [down, up] }

    /// A and B.
    public var parameterNames: [String] { ["lora_A.weight", "lora_B.weight"] }

    /// A, and B with the scale folded in.
    public var stored: [StoredTensor] { withoutGradients { update.stored } }

    /// Takes A and B of a LoRA of at most this rank.
    public func begin(with record: AdapterRecord) throws(AdapterMismatch) {
        try record.expect([.lora], for: kind)
        try update.begin(with: record)
    }

    /// Draws the dropout masks of the next step; they stay the same when a block is recomputed.
    public func prepareStep(random: RandomGenerator?) {
        masks = dropout.masks(rank: update.rank, random: random, device: down.device)
    }

    /// `‖scale · B A‖`.
    public var changeNorm: Tensor { update.norm }

    /// A and B, unless something is dropped.
    public var lowRank: LowRankTerms? {
        guard masks.isEmpty else { return nil }
        return LowRankTerms(down: down, up: up, scale: update.scale * strength)
    }

    /// `sum` and the update of `x`.
    public func added(to sum: Tensor, base: Tensor, of layer: Linear, for x: Tensor) -> Tensor {
        guard masks.isKept else { return sum }
        let flat = sum.reshape(-1, layer.outputCount)  // [T, out]
        return update.added(
            to: flat,
            for: x.reshape(-1, layer.inputCount),
            masks,
            strength: strength
        )
        .reshape(sum.shape)
    }
}

extension RandomGenerator {
    /// Uniform numbers from `-bound` to `bound`.
    func uniform(_ shape: [Int], within bound: Double) -> Tensor {
        (uniform(shape) * 2 - 1) * bound
    }
}

/// 1/√in: what Kaiming's rule with a = √5 gives for a matrix of so many columns.
func fanBound(_ inputCount: Int) -> Double { 1 / Double(inputCount).squareRoot() }
