import Torch

// Small matrices `[n, n]` in float64, of which a merge needs a few dozen operations.

extension Tensor {
    /// The matrix with rows and columns exchanged.
    var transposed: Tensor { transpose(-2, -1) }

    /// The part that belongs to some rows and some columns.
    func block(_ rows: Range<Int>, _ columns: Range<Int>) -> Tensor {
        narrow(0, from: rows.lowerBound, count: rows.count)
            .narrow(1, from: columns.lowerBound, count: columns.count)
    }

    /// Some rows.
    func rows(_ range: Range<Int>) -> Tensor {
        narrow(0, from: range.lowerBound, count: range.count)
    }

    /// Some columns.
    func columns(_ range: Range<Int>) -> Tensor {
        narrow(1, from: range.lowerBound, count: range.count)
    }

    /// `Σ self ∘ other`: for symmetric matrices the trace of their product.
    func inner(_ other: Tensor) -> Double { (self * other).sum().item() }

    /// Half of the sum with its transpose: what is symmetric but for rounding.
    var symmetrized: Tensor { (self + transposed) * 0.5 }

    /// The identity, float64.
    static func identity(_ size: Int) -> Tensor {
        diagonal([Double](repeating: 1, count: size))
    }

    /// A matrix with these numbers on its diagonal, float64.
    static func diagonal(_ values: [Double]) -> Tensor {
        var elements = [Double](repeating: 0, count: values.count * values.count)
        for (index, value) in values.enumerated() { elements[index * (values.count + 1)] = value }
        return numbers(elements).reshape(values.count, values.count)
    }

    /// A list of numbers, float64.
    static func numbers(_ values: [Double]) -> Tensor {
        values.withUnsafeBytes { Tensor(bytes: $0, dtype: .float64, shape: [values.count]) }
    }
}

/// The eigenvalues and vectors of a symmetric matrix that are not rounding.
struct Spectrum {
    /// From small to large, `[k]`.
    let values: Tensor
    /// In columns, `[n, k]`.
    let vectors: Tensor

    /// Keeps what is larger than `floor` times the largest; at least one.
    init(_ matrix: Tensor, floor: Double) {
        let (values, vectors) = matrix.symmetrized.symmetricEigen()
        let numbers = values.doubles()
        let limit = floor * (numbers.last ?? 0)
        let first = min(numbers.firstIndex { $0 > limit } ?? 0, max(0, numbers.count - 1))
        self.values = values.narrow(0, from: first, count: numbers.count - first)
            .clamped(1e-300, .infinity)
        self.vectors = vectors.narrow(1, from: first, count: numbers.count - first)
    }

    /// The matrix to a power, on the space that is kept.
    func power(_ exponent: Double) -> Tensor {
        (vectors * values.power(exponent)).matmul(vectors.transposed)
    }

    /// The largest eigenvalue.
    var largest: Double { values.doubles().last ?? 0 }
}
