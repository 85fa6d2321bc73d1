import Torch

/// Dropout of adapters without inner values of a rank: whole output rows instead of rank dimensions,
/// and single values of the update's output.
///
/// - Source: LyCORIS drops rows of the difference; here the rest is scaled up by the share that is
///   kept on average, so that the expectation is exact.
struct UpdateDropout {
    private let dropout: AdapterDropout
    private var masks = AdapterDropout.Masks()

    init(_ dropout: AdapterDropout) { self.dropout = dropout }

    mutating func prepare(rows: Int, random: RandomGenerator?, device: Device) {
        masks = dropout.masks(rank: rows, random: random, device: device)
    }

    /// `sum` with an update, made from `x` `[T, in]` to `[T, out]`.
    func added(
        to sum: Tensor,
        of layer: Linear,
        for x: Tensor,
        strength: Double,
        update: (Tensor) -> Tensor
    ) -> Tensor {
        guard masks.isKept else { return sum }
        let change = masks.apply(to: update(x.reshape(-1, layer.inputCount)))  // [T, out]
        return sum.adding(change.reshape(sum.shape), factor: strength)
    }
}
