public import Torch

// Axes: T tokens (all leading axes together), r rank.

/// DoRA: `y = (m / ‖W + scale · B A‖) ∘ (W x + scale · B A x) + b`, norms by row.
///
/// The norm counts as a constant in gradients. It comes from ‖W‖², `W Aᵀ` and `A Aᵀ`: no matrix
/// `[out, in]` is ever made, and W may be kept in any form. It is computed once after each change of
/// A or B, not when a block is recomputed or gradients are accumulated.
///
/// - Source: "DoRA: Weight-decomposed low-rank adaptation", Liu et al., 2024, with section 4.3.
public final class MagnitudeAdapter: TrainableAdapter {
    private let update: LowRankUpdate
    /// Length of each row of the adapted matrix, `[out]`, float32.
    public let magnitude: Tensor
    private let dropout: AdapterDropout
    private var masks = AdapterDropout.Masks()
    private var rows: RowNorms?
    private unowned let layer: Linear
    private let activations: DType
    /// Share of the way from the base layer to the adapted one.
    public var strength = 1.0

    /// An adapter with given matrices, which become trainable; the magnitude is that of the sum.
    ///
    /// `activations` is the type in which the layer computes.
    public init(
        for layer: Linear,
        down: Tensor,
        up: Tensor,
        scale: Double = 1,
        dropout: AdapterDropout = .none,
        activations: DType
    ) {
        let update = LowRankUpdate(down: down, up: up, scale: scale)
        let rows = withoutGradients { RowNorms(of: update, on: layer, activations) }
        magnitude = rows.norm.clone()
        magnitude.requiresGradient = true
        self.update = update
        self.rows = rows
        self.layer = layer
        self.dropout = dropout
        self.activations = activations
    }

    /// A fresh adapter: A normal with deviation 1/√r, B zero, the magnitude that of W.
    public convenience init(
        for layer: Linear,
        rank: Int,
        scale: Double = 1,
        dropout: AdapterDropout = .none,
        random: RandomGenerator,
        device: Device,
        activations: DType
    ) {
        let down = random.normal([rank, layer.inputCount]) / Double(rank).squareRoot()
        self.init(
            for: layer,
            down: down.to(on: device).detach(),
            up: .zerosWhenWritten([layer.outputCount, rank], device: device),
            scale: scale,
            dropout: dropout,
            activations: activations
        )
    }

    static func valueCount(_ input: Int, _ output: Int, rank: Int) -> Int {
        LowRankUpdate.valueCount(input, output, rank: rank) + output
    }

    /// DoRA.
    public var kind: AdapterKind { .dora }

    /// A, B, and the magnitude.
    public var parameters: [Tensor] { [update.down, update.up, magnitude] }

    /// A, B, and the magnitude.
    public var parameterNames: [String] {
        ["lora_A.weight", "lora_B.weight", "lora_magnitude_vector"]
    }

    /// A, B with the scale folded in, and the magnitude twice: as ComfyUI and as peft take it.
    ///
    /// ComfyUI divides by the norm of W where peft divides by the norm of the sum; each leaves the
    /// other's tensor alone. A rounded magnitude would round the whole row, so both stay in float32.
    public var stored: [StoredTensor] {
        withoutGradients {
            let rows = currentRows
            let overBase = magnitude / rows.norm * rows.base
            return update.stored + [
                StoredTensor("dora_scale", overBase.reshape(-1, 1), isExact: true),
                StoredTensor("lora_magnitude_vector", magnitude, isExact: true),
            ]
        }
    }

    /// Takes a DoRA; or a LoRA, whose sum with W then gives the magnitude.
    public func begin(with record: AdapterRecord) throws(AdapterMismatch) {
        try record.expect([.lora, .dora], for: kind)
        let length = try record.rowMagnitude(count: magnitude.count)
        try update.begin(with: record)
        withoutGradients { magnitude.copy(from: length ?? currentRows.norm) }
    }

    /// Draws the dropout masks of the next step; they stay the same when a block is recomputed.
    public func prepareStep(random: RandomGenerator?) {
        masks = dropout.masks(rank: update.rank, random: random, device: magnitude.device)
    }

    /// Forgets the norm.
    public func parametersChanged() { rows = nil }

    /// `‖g ∘ (W + scale · B A) − W‖` with g the magnitude over the norm.
    ///
    /// By row it is `(g−1)² ‖w‖² + 2 g (g−1) ⟨w, u⟩ + g² ‖u‖²` with the update u.
    public var changeNorm: Tensor {
        let rows = currentRows
        let factor = magnitude / rows.norm
        let rest = factor - 1
        let squares =
            rest * rest * rows.base * rows.base + rest * factor * rows.products * 2
            + factor * factor * rows.updates
        return squares.sum().clamped(0, .infinity).squareRoot()
    }

    /// The update and the lengths of the rows, unless something is dropped or only part of it counts.
    public var lowRank: LowRankTerms? {
        guard masks.isEmpty, strength == 1 else { return nil }
        return LowRankTerms(
            down: update.down,
            up: update.up,
            scale: update.scale,
            rows: (magnitude, withoutGradients { currentRows.norm })
        )
    }

    /// The adapted layer's output.
    public func output(of layer: Linear, for x: Tensor) -> Tensor {
        guard masks.isKept else { return layer.base(x) }
        let adapted = adapted(layer, x, plain: layer.weight.product(x, bias: nil))
        guard strength != 1 else { return adapted }
        let base = layer.base(x)
        return base.adding(adapted - base, factor: strength)
    }

    /// `sum` and what the adapter alone would change in `base`.
    public func added(to sum: Tensor, base: Tensor, of layer: Linear, for x: Tensor) -> Tensor {
        guard masks.isKept else { return sum }
        let plain = layer.bias.map { base - $0 } ?? base.clone()  // is overwritten
        return sum.adding(adapted(layer, x, plain: plain) - base, factor: strength)
    }

    /// From `plain`, which is W x and must not be used again.
    private func adapted(_ layer: Linear, _ x: Tensor, plain: Tensor) -> Tensor {
        plain.reshape(-1, layer.outputCount)  // [T, out]
            .adaptedRows(
                update.inner(x.reshape(-1, layer.inputCount), masks),
                update.up.to(x.dtype),
                scale: update.scale,
                magnitude: magnitude,
                norm: withoutGradients { currentRows.norm },
                bias: layer.bias
            ).reshape(plain.shape)
    }

    /// What is known of the rows, computed again only if A or B changed since.
    private var currentRows: RowNorms {
        if let rows, rows.isCurrent(for: update) { return rows }
        let fresh = withoutGradients { RowNorms(of: update, on: layer, activations) }
        rows = fresh
        return fresh
    }
}

extension AdapterRecord {
    /// The length of each row, `[out]`; some trainers keep that of each column `[1, in]` instead.
    fileprivate func rowMagnitude(count: Int) throws(AdapterMismatch) -> Tensor? {
        guard let magnitude = tensors["magnitude"] else { return nil }
        let shapes = [[count], [count, 1]]
        guard !shapes.contains(magnitude.shape) else { return magnitude.reshape(-1) }
        throw mismatch(
            "has a magnitude \(magnitude.shape), should be one number per output row, [\(count)]",
            nil
        )
    }
}
