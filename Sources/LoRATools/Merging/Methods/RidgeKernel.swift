import Torch

/// The ridge problem of subspace isolation in coordinates of the space that the adapters read.
///
/// Minimises `Σ ‖(W − ΔWᵢ) Cᵢ^½‖² + λ ‖W − Σ ΔWⱼ‖²`. Its solution keeps B and takes
/// `Aᵢ' = Aᵢ (λ I + Cᵢ) (λ I + Σ Cⱼ)⁻¹`: which share of a direction belongs to adapter i.
struct RidgeKernel {
    private let ranges: [Range<Int>]
    private let shares: [Tensor]  // Cᵢ, [k, k]
    private let total: Tensor  // Σ Cᵢ
    private let half: Tensor  // K^½ of the kept space, [k, R]: coordinates of A's rows
    private let inverse: Tensor  // K^-½, [k, R]
    private let balance: Tensor  // [R]

    /// From `A Aᵀ` and `Bᵀ B`, with adapters that do nothing left out.
    init(
        inputs: Tensor,
        outputs: Tensor,
        of layer: MergeLayer,
        balance: Tensor,
        kind: IsolateMethod.Kind
    ) {
        ranges = layer.ranges
        self.balance = balance
        let gram = inputs * balance.unsqueeze(0) * balance.unsqueeze(1)
        let spectrum = Spectrum(gram, floor: layer.floor)
        let root = spectrum.values.squareRoot().unsqueeze(1)  // [k, 1]
        let (half, inverse) = (
            spectrum.vectors.transposed * root, spectrum.vectors.transposed / root
        )
        let shares = layer.ranges.enumerated().map { index, range in
            guard layer.isLive[index] else { return Tensor.zeros(gram.like(root), dtype: .float64) }
            let own = half.columns(range)  // [k, r]
            let weight = kind.weight(
                gram.block(range, range),
                (outputs / balance.unsqueeze(0) / balance.unsqueeze(1)).block(range, range),
                floor: layer.floor
            )
            let share = own.matmul(weight).matmul(own.transposed).symmetrized
            guard kind == .energy else { return share }
            return share / max(Spectrum(share, floor: 0).largest, 1e-300)
        }
        (self.half, self.inverse, self.shares) = (half, inverse, shares)
        total = shares.dropFirst().reduce(shares[0]) { $0 + $1 }
    }

    /// T `[R, R]` with A' = T A for a `λ` above 0.
    func mixing(_ lambda: Double) -> Tensor {
        let ridge = Tensor.identity(total.size(0)) * lambda
        let rows = zip(ranges, shares).map { range, share in
            // (λ I + C) M⁻¹ is the transpose of M⁻¹ (λ I + C): both are symmetric.
            let filter = (total + ridge).solve(share + ridge)
            return half.columns(range).transposed.matmul(filter.transposed).matmul(inverse)
        }
        let mixing = Tensor.concatenate(rows, axis: 0)
        return mixing * balance.unsqueeze(0) / balance.unsqueeze(1)
    }
}

extension Tensor {
    /// The square of the first axis of a column.
    fileprivate func like(_ column: Tensor) -> [Int] { [column.size(0), column.size(0)] }
}

extension IsolateMethod.Kind {
    /// What stands between `Aᵢᵀ` and `Aᵢ` in Cᵢ.
    fileprivate func weight(_ inputs: Tensor, _ outputs: Tensor, floor: Double) -> Tensor {
        switch self {
        case .energy: outputs
        case .flat: Spectrum(inputs, floor: floor).power(-1)
        }
    }
}
