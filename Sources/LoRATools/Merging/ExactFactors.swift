public import Torch

/// Updates of other kinds as the two thin matrices of a LoRA.
public enum ExactFactors {
    /// What a Kronecker product became, and the share of its norm that the rank left out.
    public struct Result {
        /// B and A.
        public let factors: LowRankFactors
        /// `‖ΔW − B A‖ / ‖ΔW‖`; 0 where nothing was left out.
        public let error: Double
    }

    /// `w1 ⊗ (left · right)` as a LoRA of the rank of w1 times that of the product: exactly.
    ///
    /// - Parameters:
    ///   - first: w1, `[a, c]`.
    ///   - left: `[b, r]`.
    ///   - right: `[r, d]`.
    /// - Returns: B `[a b, k r]` and A `[k r, c d]`, k the smaller side of w1.
    public static func kronecker(_ first: Tensor, _ left: Tensor, _ right: Tensor) -> LowRankFactors
    {
        let (u, s, vt) = first.singularValues()
        return LowRankFactors(
            down: vt.kronecker(with: right),
            up: (u * s.unsqueeze(0)).kronecker(with: left)
        )
    }

    /// What the best LoRAs of some ranks leave out of `w1 ⊗ w2`, from the two spectra alone.
    static func kroneckerLosses(_ first: Tensor, whole second: Tensor, _ ranks: [Int])
        -> [Truncation]
    {
        let (a, b) = (first.singularValues().s.doubles(), second.singularValues().s.doubles())
        let squares = a.flatMap { x in b.map { x * x * $0 * $0 } }.sorted(by: >)
        let whole = squares.reduce(0, +).squareRoot()
        return ranks.map { rank in
            let lost = squares.dropFirst(rank).reduce(0, +).squareRoot()
            return Truncation(whole: whole, lost: lost)
        }
    }

    /// `w1 ⊗ w2` as the best LoRA of at most `rank`: its singular values are the products of both spectra.
    public static func kronecker(_ first: Tensor, whole second: Tensor, rank: Int) -> Result {
        let ((u1, s1, v1), (u2, s2, v2)) = (first.singularValues(), second.singularValues())
        let (a, b) = (s1.doubles(), s2.doubles())
        let pairs = a.indices.flatMap { i in b.indices.map { (i, $0, a[i] * b[$0]) } }
            .sorted { ($0.2, $1.0, $1.1) > ($1.2, $0.0, $0.1) }
        let kept = pairs.prefix(max(1, rank)).filter { $0.2 > 0 }
        let rest = pairs.dropFirst(kept.count).reduce(0) { $0 + $1.2 * $1.2 }
        let all = pairs.reduce(0) { $0 + $1.2 * $1.2 }
        let (i, j) = (Tensor(kept.map(\.0)), Tensor(kept.map(\.1)))
        let (us, vs) = (u1 * s1.unsqueeze(0), u2 * s2.unsqueeze(0))
        let up = us.gather(1, i).unsqueeze(1) * vs.gather(1, j).unsqueeze(0)  // [a, b, k]
        let down = v1.gather(0, i).unsqueeze(2) * v2.gather(0, j).unsqueeze(1)  // [k, c, d]
        let count = kept.count
        return Result(
            factors: LowRankFactors(down: down.reshape(count, -1), up: up.reshape(-1, count)),
            error: all > 0 ? (rest / all).squareRoot() : 0
        )
    }
}

extension Tensor {
    /// `self ⊗ other` of two matrices.
    func kronecker(with other: Tensor) -> Tensor {
        let (rows, columns) = (size(0) * other.size(0), size(1) * other.size(1))
        let left = reshape(size(0), 1, size(1), 1)
        return (left * other.reshape(1, other.size(0), 1, other.size(1))).reshape(rows, columns)
    }
}
