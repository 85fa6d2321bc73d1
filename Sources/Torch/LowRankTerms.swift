/// All that an adapter does where it only adds `scale · B A x` to its layer.
public struct LowRankTerms {
    /// A, `[r, in]`.
    public let down: Tensor
    /// B, `[out, r]`.
    public let up: Tensor
    /// Factor on the update.
    public let scale: Double

    /// The terms.
    public init(down: Tensor, up: Tensor, scale: Double) {
        (self.down, self.up, self.scale) = (down, up, scale)
    }
}

extension Linear {
    /// Applies layers that read the same `x`; together where all of them are frozen matrices with a low-rank update.
    ///
    /// - Parameters:
    ///   - layers: any layers of the input's width.
    ///   - x: the input, `[..., in]`.
    ///   - hasValues: false if the outputs only serve to go back from: they may then hold anything.
    /// - Returns: each layer's output, in their order.
    public static func outputs(
        of layers: [Linear],
        for x: Tensor,
        hasValues: Bool = true
    ) -> [Tensor] {
        let together = layers.compactMap(\.lowRankParts)
        if together.count == layers.count {
            return Tensor.lowRankLinears(x, together, hasValues: hasValues)
        }
        return layers.map { layer in
            layer.lowRankParts.map { Tensor.lowRankLinears(x, [$0], hasValues: hasValues)[0] }
                ?? layer.alone(x)
        }
    }

    /// What the layer consists of, if it can be computed together with others.
    private var lowRankParts: (DenseWeight, Tensor?, LowRankTerms)? {
        guard let dense = weight as? DenseWeight, let terms = adapter?.lowRank,
            !dense.matrix.requiresGradient, bias?.requiresGradient != true
        else { return nil }
        return (dense, bias, terms)
    }
}
