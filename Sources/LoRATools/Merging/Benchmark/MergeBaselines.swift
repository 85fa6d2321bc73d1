import Foundation
public import Torch

/// Published ways to merge, dense or nearly so: the benchmark compares with them, the program never uses them.
public enum MergeBaselines {
    /// `Σ B A / n`.
    public static func average(_ factors: [LowRankFactors]) -> Tensor {
        sum(factors) * (1 / Double(factors.count))
    }

    /// `Σ B A`.
    public static func sum(_ factors: [LowRankFactors]) -> Tensor {
        let updates = factors.map(update)
        return updates.dropFirst().reduce(updates[0]) { $0 + $1 }
    }

    /// Trim, elect a sign, and average those that agree, entry by entry.
    ///
    /// - Source: "TIES-merging", Yadav et al., 2023.
    public static func ties(_ factors: [LowRankFactors], keep: Double = 0.2) -> Tensor {
        elected(factors.map(update), keep: keep)
    }

    /// A share of the entries dropped by chance, the others raised to make up for it, then added.
    ///
    /// - Source: "Language models are super Mario", Yu et al., 2023.
    public static func dare(_ factors: [LowRankFactors], drop: Double = 0.5, seed: UInt64 = 0)
        throws -> Tensor
    {
        let random = try RandomGenerator(seed: seed)
        let updates = factors.map { factor -> Tensor in
            let update = update(factor)
            // 1 where the number is at least `drop`: the sign of the distance, clamped.
            let mask = ((random.uniform(update.shape).to(update.dtype) - drop) * 1e30)
                .clamped(0, 1)
            return update * mask * (1 / (1 - drop))
        }
        return updates.dropFirst().reduce(updates[0]) { $0 + $1 }
    }

    /// TIES in the coordinates of one decomposition of all updates side by side.
    ///
    /// - Source: "Model merging with SVD to tie the knots", Stoica et al., 2024.
    public static func knots(_ factors: [LowRankFactors], keep: Double = 0.2) -> Tensor {
        let (q, r) = Tensor.concatenate(factors.map { $0.up * $0.scale }, axis: 1)
            .orthogonalTriangular()
        var (cores, axes, next) = ([Tensor](), [Tensor](), 0)
        for factor in factors {
            let (right, core) = factor.down.transposed.orthogonalTriangular()
            let part = r.columns(next..<next + factor.rank)
            cores.append(part.matmul(core.transposed))
            axes.append(right)
            next += factor.rank
        }
        let (p, s, wt) = Tensor.concatenate(cores, axis: 1).singularValues()
        var column = 0
        let tasks = axes.map { right -> Tensor in
            defer { column += right.size(1) }
            let part = wt.columns(column..<column + right.size(1)) * s.unsqueeze(1)
            return part.matmul(right.transposed)
        }
        return q.matmul(p).matmul(elected(tasks, keep: keep))
    }

    /// Singular vectors of all updates made orthogonal to each other as evenly as can be.
    ///
    /// - Source: "Task singular vectors", Gargiulo et al., 2025.
    public static func taskSingularVectors(_ factors: [LowRankFactors]) -> LowRankFactors {
        powers(factors, input: 0.5, output: 0.5)
    }

    /// `Q_B G_B^-p Σ G_A^-q Q_Aᵀ`: 0 is the sum, ½ the even orthogonalisation, 1 exact on each adapter's own.
    public static func powers(
        _ factors: [LowRankFactors],
        input: Double,
        output: Double,
        floor: Double = 1e-8
    ) -> LowRankFactors {
        let left = factors.map { ($0.up * $0.scale).orthogonalTriangular() }
        let right = factors.map { $0.down.transposed.orthogonalTriangular() }
        let (qb, qa) = (
            Tensor.concatenate(left.map(\.q), axis: 1), Tensor.concatenate(right.map(\.q), axis: 1)
        )
        let total = factors.reduce(0) { $0 + $1.rank }
        var (rows, next) = ([Tensor](), 0)
        for (a, b) in zip(left, right) {
            let core = a.r.matmul(b.r.transposed)
            let rank = core.size(0)
            let parts = [
                Tensor.zeros([rank, next], dtype: core.dtype), core,
                Tensor.zeros([rank, total - next - rank], dtype: core.dtype),
            ]
            rows.append(.concatenate(parts, axis: 1))
            next += rank
        }
        let core = Tensor.concatenate(rows, axis: 0)
        return LowRankFactors(
            down: inversePower(qa.transposed.matmul(qa), input, floor).matmul(qa.transposed),
            up: qb.matmul(inversePower(qb.transposed.matmul(qb), output, floor)).matmul(core)
        )
    }

    // MARK: - Parts

    private static func update(_ factors: LowRankFactors) -> Tensor {
        (factors.up * factors.scale).matmul(factors.down)
    }

    private static func inversePower(_ gram: Tensor, _ power: Double, _ floor: Double) -> Tensor {
        let (values, vectors) = gram.symmetrized.symmetricEigen()
        let scaled = vectors * values.clamped(floor, .infinity).power(-power).unsqueeze(0)
        return scaled.matmul(vectors.transposed)
    }

    /// Entry by entry: the mean of those among the largest that agree with the sign of their sum.
    private static func elected(_ tasks: [Tensor], keep: Double) -> Tensor {
        let kept = tasks.map { trimmed($0.doubles(), keep: keep) }
        let merged = kept[0].indices.map { place -> Double in
            let values = kept.map { $0[place] }
            let sign = values.reduce(0, +).sign
            let agreeing = values.filter { $0 != 0 && $0.sign == sign }
            return agreeing.isEmpty ? 0 : agreeing.reduce(0, +) / Double(agreeing.count)
        }
        return Tensor.numbers(merged).reshape(tasks[0].shape).to(tasks[0].dtype)
    }

    /// The quantile lies between two values, by linear interpolation.
    private static func trimmed(_ values: [Double], keep: Double) -> [Double] {
        let sorted = values.map(abs).sorted()
        let place = Double(sorted.count - 1) * (1 - keep)
        let low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        let limit = sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
        return values.map { abs($0) >= limit ? $0 : 0 }
    }
}
