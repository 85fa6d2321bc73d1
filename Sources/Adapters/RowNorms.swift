import Torch

/// Lengths of the rows of W + scale · B A, without making that matrix.
///
/// With a row w of W and u of the update, `‖w + u‖² = ‖w‖² + 2 ⟨w, u⟩ + ‖u‖²`, where all `⟨w, u⟩` come
/// from W Aᵀ `[out, r]` and all `‖u‖²` from A Aᵀ `[r, r]`.
struct RowNorms {
    /// `⟨w, u⟩`, `[out]`.
    let products: Tensor
    /// `‖u‖²`, `[out]`.
    let updates: Tensor
    /// `‖w + u‖`, `[out]`.
    let norm: Tensor
    private let squares: Tensor
    private let changes: [UInt64]

    /// Smallest length: rows of zeros stay zero instead of becoming no number.
    private static let least = 1e-12

    init(of update: LowRankUpdate, on layer: Linear, _ activations: DType) {
        let plain = LowRankTerms(
            down: update.down.detach(),
            up: update.up.detach(),
            scale: update.scale
        )
        squares = layer.weight.rowSquares.to(on: plain.up.device)
        let terms = layer.weight.rowTerms(
            of: plain,
            squares: squares,
            least: Self.least,
            type: activations
        )
        (products, updates, norm) = (terms.select(0, 0), terms.select(0, 1), terms.select(0, 2))
        changes = Self.changes(of: update)
    }

    /// `‖w‖`, `[out]`.
    var base: Tensor { squares.clamped(Self.least * Self.least, .infinity).squareRoot() }

    /// Whether A and B are still what they were.
    func isCurrent(for update: LowRankUpdate) -> Bool { changes == Self.changes(of: update) }

    private static func changes(of update: LowRankUpdate) -> [UInt64] {
        [update.down.changeCount, update.up.changeCount]
    }
}
