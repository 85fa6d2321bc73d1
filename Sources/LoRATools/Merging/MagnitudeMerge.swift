public import Torch

/// The sum of DoRAs, and of DoRAs with LoRAs, as one DoRA: exactly.
///
/// Each adapter makes of the layer's matrix W `Dᵢ (W + ΔWᵢ)` with Dᵢ = magnitude over row norm. Added up, the
/// changes are those of one DoRA with `D' = 1 + Σ wᵢ (Dᵢ − 1)`, `B' = D'⁻¹ [wᵢ Dᵢ Bᵢ]`, all rows of A, and the
/// magnitude `D' ‖W + B' A'‖`.
public struct MagnitudeMerge {
    /// One adapter at the layer.
    public struct Part {
        /// B and A.
        public let factors: LowRankFactors
        /// Length of each row of the sum, `[out]`; nil for a LoRA.
        public let magnitude: Tensor?
        /// How strongly the user wants it.
        public let weight: Double

        /// An adapter with its magnitude, if it has one.
        public init(_ factors: LowRankFactors, magnitude: Tensor? = nil, weight: Double = 1) {
            (self.factors, self.magnitude, self.weight) = (factors, magnitude, weight)
        }
    }

    /// A of all adapters, `[R, in]`.
    public let down: Tensor
    /// B', `[out, R]`.
    public let up: Tensor
    /// Length of each row, `[out]`.
    public let magnitude: Tensor

    /// Adds the parts on the layer's own matrix `[out, in]`, in the factors' type.
    public init(_ parts: [Part], on weight: Tensor) {
        let squares = (weight * weight).sum([1])
        let quotients = parts.map { part -> Tensor in
            guard let magnitude = part.magnitude else { return squares * 0 + 1 }
            let (down, up) = (part.factors.down, part.factors.up * part.factors.scale)
            return magnitude.reshape(-1) / Self.norms(squares, weight, up, down)
        }
        let sum = zip(parts, quotients).reduce(squares * 0 + 1) { $0 + ($1.1 - 1) * $1.0.weight }
        down = .concatenate(parts.map(\.factors.down), axis: 0)
        up = .concatenate(
            zip(parts, quotients).map { part, quotient in
                part.factors.up * (quotient / sum * (part.weight * part.factors.scale)).unsqueeze(1)
            },
            axis: 1
        )
        magnitude = sum * Self.norms(squares, weight, up, down)
    }

    /// `‖W + B A‖` of each row: `‖w‖² + 2 ⟨W Aᵀ, B⟩ + ⟨B A Aᵀ, B⟩`.
    private static func norms(_ squares: Tensor, _ weight: Tensor, _ up: Tensor, _ down: Tensor)
        -> Tensor
    {
        let crossing = (weight.matmul(down.transposed) * up).sum([1])
        let own = (up.matmul(down.matmul(down.transposed)) * up).sum([1])
        return (squares + crossing * 2 + own).clamped(0, .infinity).squareRoot()
    }
}

extension MagnitudeMerge {
    /// The magnitude in ComfyUI's form, which divides by the norm of W instead of that of the sum.
    public func overBase(_ weight: Tensor) -> Tensor {
        let squares = (weight * weight).sum([1])
        return magnitude / Self.norms(squares, weight, up, down) * squares.squareRoot()
    }
}
