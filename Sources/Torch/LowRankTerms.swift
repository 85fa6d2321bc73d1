/// All that an adapter does where it only adds `scale · B A x` to its layer, or scales rows of that sum.
public struct LowRankTerms {
    /// A, `[r, in]`.
    public let down: Tensor
    /// B, `[out, r]`.
    public let up: Tensor
    /// Factor on the update.
    public let scale: Double
    /// In DoRA the wanted lengths of the rows of the sum, and their lengths, which count as constants; `[out]`.
    public let rows: (magnitude: Tensor, norm: Tensor)?

    /// The terms.
    public init(
        down: Tensor,
        up: Tensor,
        scale: Double,
        rows: (magnitude: Tensor, norm: Tensor)? = nil
    ) {
        (self.down, self.up, self.scale, self.rows) = (down, up, scale, rows)
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
    private var lowRankParts: (weight: DenseWeight, bias: Tensor?, terms: LowRankTerms)? {
        guard let dense = weight as? DenseWeight, let terms = adapter?.lowRank,
            !dense.matrix.requiresGradient, bias?.requiresGradient != true
        else { return nil }
        return (dense, bias, terms)
    }
}
