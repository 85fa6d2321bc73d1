public import Torch

/// The whole difference: `y = W x + b + Δ x` with Δ `[out, in]`, float32.
public final class FullDifferenceAdapter: TrainableAdapter {
    private let difference: Tensor  // [out, in]
    private var dropout: UpdateDropout
    /// Factor on the difference, for items that want it weaker or stronger.
    public var strength = 1.0

    /// A given difference `[out, in]`.
    init(difference: Tensor) {
        self.difference = difference
        dropout = UpdateDropout(.none)
    }

    /// A fresh difference: zero.
    public init(for layer: Linear, dropout: AdapterDropout = .none, device: Device) {
        difference = .zeros([layer.outputCount, layer.inputCount], device: device)
        difference.requiresGradient = true
        self.dropout = UpdateDropout(dropout)
    }

    /// The whole difference.
    public var kind: AdapterKind { .fullrank }

    /// The difference.
    public var parameters: [Tensor] { [difference] }

    /// The difference.
    public var parameterNames: [String] { ["diff"] }

    /// The difference.
    public var stored: [StoredTensor] { [StoredTensor("diff", difference)] }

    /// Takes a whole difference.
    public func begin(with record: AdapterRecord) throws(AdapterMismatch) {
        try record.expect([.fullrank], for: kind)
        let stored = try record.tensor("diff")
        try record.check("diff", stored, difference.shape)
        withoutGradients { difference.copy(from: stored) }
    }

    /// Draws the dropout masks of the next step.
    public func prepareStep(random: RandomGenerator?) {
        dropout.prepare(rows: difference.size(0), random: random, device: difference.device)
    }

    /// `‖Δ‖`.
    public var changeNorm: Tensor { Tensor.totalNorm([difference]) }

    /// `sum` and the update of `x`.
    public func added(to sum: Tensor, base: Tensor, of layer: Linear, for x: Tensor) -> Tensor {
        dropout.added(to: sum, of: layer, for: x, strength: strength) {
            $0.linear(difference.to($0.dtype))
        }
    }
}
