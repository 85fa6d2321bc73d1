import TorchBridge

extension Tensor {
    /// How often the elements were changed in place: what was computed from them holds while it stays.
    public var changeCount: UInt64 {
        withExtendedLifetime(self) { handle.map(tb_change_count) ?? 0 }
    }

    /// `bias + (self + scale · inner upᵀ) · magnitude / norm` for `self` `[T, N]`, inner `[T, r]`, up
    /// `[N, r]` and vectors `[N]`.
    ///
    /// Differentiable in `self`, `inner`, `up` and `magnitude`; the norm counts as a constant. The quotient
    /// stays in its own type. `self` is overwritten and must not be used again.
    public func adaptedRows(
        _ inner: Tensor,
        _ up: Tensor,
        scale: Double,
        magnitude: Tensor,
        norm: Tensor,
        bias: Tensor?
    ) -> Tensor {
        let inputs = [self, inner, up, magnitude, norm] + [bias].compactMap(\.self)
        return Tensor.call("adaptedRows", inputs) {
            tb_adapted_rows(
                $0,
                $1[0],
                $1[1],
                $1[2],
                scale,
                $1[3],
                $1[4],
                $1.count > 5 ? $1[5] : nil
            )
        }
    }

    /// Of rows `w + u` with `u = scale · b a`, `[3, out]`: `⟨w, u⟩`, `‖u‖²` and `‖w + u‖`.
    ///
    /// `self` is `W aᵀ`, `[out, r]`; a is `[r, in]`, b `[out, r]`, `squares` holds all `‖w‖²`, `[out]`. No
    /// length is below `least`.
    func rowTerms(_ a: Tensor, _ b: Tensor, squares: Tensor, scale: Double, least: Double)
        -> Tensor
    {
        Tensor.call("rowTerms", [self, a, b, squares]) {
            tb_row_terms($0, $1[0], $1[1], $1[2], $1[3], scale, least)
        }
    }

    /// The same of `self` = W, `[out, in]`, which is read once.
    func denseRowTerms(_ a: Tensor, _ b: Tensor, squares: Tensor, scale: Double, least: Double)
        -> Tensor
    {
        Tensor.call("denseRowTerms", [self, a, b, squares]) {
            tb_dense_row_terms($0, $1[0], $1[1], $1[2], $1[3], scale, least)
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
