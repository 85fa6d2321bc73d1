import Torch

// Axes: N rows that come, k rows that stay, n inputs of the layer.

/// A few rows S that stand for all inputs x of a layer: `Sᵀ S` is `Σ x xᵀ` on its strongest directions.
///
/// Rows gather up to twice as many as shall stay; then the strongest directions of all are kept (frequent
/// directions, without its shrinking of what is kept). So the memory is bounded, no matrix `[n, n]` is
/// made, and where there are no more than k rows nothing is lost. Rows lie in host memory.
///
/// - Source: "Simple and deterministic matrix sketching", Liberty, 2013.
final class InputSketch {
    /// Rows that stay.
    let size: Int
    /// Rows that are taken of one `[N, n]`; of more, as many are picked at even distances and weighed up.
    let limit: Int
    private var rows: Tensor?
    private var additions = 0

    init(size: Int, limit: Int) {
        (self.size, self.limit) = (size, limit)
    }

    /// Takes rows `[N, n]` in.
    func add(_ x: Tensor) {
        let taken = picked(x).to(.float32, on: .cpu)
        additions += 1
        // In pieces, so that no Gram matrix is larger than the room there is.
        for start in stride(from: 0, to: taken.size(0), by: size) {
            let piece = taken.narrow(0, from: start, count: min(size, taken.size(0) - start))
            let all = rows.map { Tensor.concatenate([$0, piece], axis: 0) } ?? piece
            rows = all.size(0) > 2 * size ? strongest(of: all) : all
        }
    }

    /// Rows that are held at the moment: never more than twice those that stay.
    var heldCount: Int { rows?.size(0) ?? 0 }

    /// What is kept, `[≤ k, n]`, float32, strongest last; nil before the first row.
    var result: Tensor? {
        rows.map { $0.size(0) > size ? strongest(of: $0) : $0 }
    }

    /// At most so many rows, at even distances; where they begin differs each time.
    private func picked(_ x: Tensor) -> Tensor {
        let count = x.size(0)
        guard count > limit else { return x }
        let golden = Double(additions) * 0.618_033_988_749_895
        let offset = golden - golden.rounded(.down)
        let places = (0..<limit).map {
            Int((Double($0) + offset) * Double(count) / Double(limit))
        }
        let factor = (Double(count) / Double(limit)).squareRoot()
        return x.gather(0, Tensor(places).to(on: x.device)).to(.float32, on: .cpu) * factor
    }

    /// `Uᵀ M` of the k largest singular values of M.
    private func strongest(of all: Tensor) -> Tensor {
        // So small a matrix is decomposed faster by one thread than by many that wait for each other.
        let threads = LibTorch.threadCount
        LibTorch.threadCount = 1
        defer { LibTorch.threadCount = threads }
        let gram = all.matmul(all.transposed).to(.float64).symmetrized
        let vectors = gram.symmetricEigen().vectors
        let count = all.size(0)
        let best = vectors.narrow(1, from: count - size, count: size)  // [N, k]
        return best.transposed.to(.float32).matmul(all)
    }
}
