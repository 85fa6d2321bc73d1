import Torch

/// The singular value decomposition of a low-rank product, from its factors alone.
///
/// With `up = Q₁ R₁` and `downᵀ = Q₂ R₂` the product is `Q₁ (R₁ R₂ᵀ) Q₂ᵀ`, so only an r × r matrix is
/// decomposed; nothing of size `[out, in]` is made.
struct LowRankSpectrum {
    /// Singular values of the product, scale included, falling, float64.
    let values: [Double]
    private let left: Tensor  // [out, r]
    private let singular: Tensor  // [r]
    private let right: Tensor  // [r, in]

    /// Decomposes in float64; runs inside `withTorchErrors`.
    init(_ factors: LowRankFactors) {
        let wide = factors.to(.float64)
        let (q1, r1) = wide.up.orthogonalTriangular()
        let (q2, r2) = wide.down.transpose(0, 1).orthogonalTriangular()
        let (u, s, vt) = (r1.matmul(r2.transpose(0, 1)) * factors.scale).singularValues()
        left = q1.matmul(u)
        singular = s
        right = vt.matmul(q2.transpose(0, 1))
        values = s.doubles()
    }

    /// The nearest product of a rank, both factors of equal length; scale 1.
    func truncated(to rank: Int) -> LowRankFactors {
        let roots = singular.narrow(0, from: 0, count: rank).squareRoot()
        return LowRankFactors(
            down: right.narrow(0, from: 0, count: rank) * roots.unsqueeze(1),
            up: left.narrow(1, from: 0, count: rank) * roots
        )
    }

    /// Sum of the squares of all values from an index on: what truncation loses, squared.
    static func tail(_ values: [Double], from rank: Int) -> Double {
        values.dropFirst(rank).reduce(0) { $0 + $1 * $1 }
    }

    /// The smallest rank that keeps a share of the squares.
    static func rank(keeping energy: Double, of values: [Double]) -> Int {
        let allowed = (1 - energy) * tail(values, from: 0)
        let found = (1...max(values.count, 1)).first { tail(values, from: $0) <= allowed }
        return found ?? values.count
    }
}

extension Tensor {
    /// All elements of a small float64 tensor, without loss.
    func doubles() -> [Double] {
        to(.float64, on: .cpu).contiguous().bytes().withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 8).map {
                Double(bitPattern: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
            }
        }
    }
}
