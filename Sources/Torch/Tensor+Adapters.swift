import TorchBridge

extension Tensor {
    /// How often the elements were changed in place: what was computed from them holds while it stays.
    public var changeCount: UInt64 {
        withExtendedLifetime(self) { handle.map(tb_change_count) ?? 0 }
    }

    /// `bias + self · magnitude / norm` for `self` `[T, N]` and vectors `[N]`, in one pass.
    ///
    /// Differentiable in `self` and `magnitude`; the norm counts as a constant. The quotient stays in
    /// its own type. Where nothing is recorded, `self` is overwritten and must not be used again.
    public func scalingRows(by magnitude: Tensor, over norm: Tensor, bias: Tensor?) -> Tensor {
        let inputs = [self, magnitude, norm] + [bias].compactMap(\.self)
        return Tensor.call("scaleRows", inputs) {
            tb_row_scale($0, $1[0], $1[1], $1[2], $1.count > 3 ? $1[3] : nil)
        }
    }

    /// `scale · self ((a₁ b₁) ∘ (a₂ b₂))ᵀ` for `self` `[T, in]`, a `[out, r]` and b `[r, in]`.
    ///
    /// No matrix `[out, in]` stays in memory for the way back.
    public func hadamardProduct(
        _ first: (a: Tensor, b: Tensor),
        _ second: (a: Tensor, b: Tensor),
        scale: Double
    ) -> Tensor {
        Tensor.call("hadamardProduct", [self, first.a, first.b, second.a, second.b]) {
            tb_hadamard_product($0, $1[0], $1[1], $1[2], $1[3], $1[4], scale)
        }
    }

    /// `self + factor · y`, with broadcasting.
    public func adding(_ y: Tensor, factor: Double) -> Tensor {
        Tensor.call("add", [self, y]) { tb_add($0, $1[0], $1[1], factor) }
    }
}
