import Adapters
import Foundation
import LTXModel
import Safetensors
public import Torch

/// Writes the difference of two checkpoints as a LoRA: layer by layer the nearest product of a rank.
///
/// Only the matrices of the blocks are taken. Matrices of at most 512 rows or columns are decomposed exactly;
/// of larger ones the leading directions are found by four rounds of subspace iteration with 16 directions
/// more than are kept (Halko, Martinsson and Tropp, 2011). What is lost is computed from the result in both
/// cases, so that it is true however good the directions are.
public struct LoRAExtract: Sendable {
    /// What came of it.
    public struct Outcome: Equatable, Sendable {
        /// Layers that differ, and are in the file.
        public var layers = 0
        /// Layers of the blocks that are equal.
        public var equal = 0
        /// Names of tensors outside of the blocks' matrices that differ, and are not in the file.
        public var othersThatDiffer: [String] = []
        /// What the rank loses; rounding to the type of the file comes on top.
        public var error = TruncationError()
    }

    private let rank: Int
    private let dtype: DType
    private let exactUpTo: Int

    /// A rank for all layers, and the type of the file.
    public init(rank: Int, dtype: DType = .bfloat16) { self.init(rank, dtype, exactUpTo: 512) }

    init(_ rank: Int, _ dtype: DType, exactUpTo: Int) {
        (self.rank, self.dtype, self.exactUpTo) = (rank, dtype, exactUpTo)
    }

    /// Compares two checkpoints and writes the adapter; reads one matrix at a time.
    ///
    /// - Throws: `LoRAError` for models of other versions or sizes, for quantised ones, and if no layer
    ///   differs.
    @discardableResult
    public func write(
        base: String,
        tuned: String,
        to path: String,
        progress: @escaping LoRAProgress = { _, _ in }
    ) throws -> Outcome {
        try LoRAOutput.check(path, inputs: [base, tuned])
        let models = try ComparedModels(base: base, tuned: tuned)
        var outcome = Outcome()
        var differing: [(path: String, shape: [Int])] = []
        for name in try models.names() {
            try Task.checkCancellation()
            let isEqual = models.isEqual(name)
            guard let layer = models.layer(name) else {
                if !isEqual { outcome.othersThatDiffer.append(name) }
                continue
            }
            if isEqual { outcome.equal += 1 } else { differing.append(layer) }
        }
        guard !differing.isEmpty else { throw models.nothingDiffers }
        outcome.layers = differing.count
        try write(differing, of: models, to: path, &outcome.error, progress)
        return outcome
    }

    private func write(
        _ layers: [(path: String, shape: [Int])],
        of models: ComparedModels,
        to path: String,
        _ error: inout TruncationError,
        _ progress: @escaping LoRAProgress
    ) throws {
        let entries = layers.flatMap { layer in
            let rank = min(rank, layer.shape[0], layer.shape[1])
            return [
                LoRAEntry(layer.path, "lora_A", .comfyUI, dtype, [rank, layer.shape[1]]),
                LoRAEntry(layer.path, "lora_B", .comfyUI, dtype, [layer.shape[0], rank]),
            ]
        }
        let writer = try LoRAWriter(
            path: path,
            entries: entries,
            metadata: models.metadata(rank: rank),
            progress: progress
        )
        for layer in layers {
            let found = try part(of: models.difference(layer.path))
            error.count(LoRALayer.pathway(of: layer.path), lost: found.lost, whole: found.whole)
            try writer.write(found.factors.down)
            try writer.write(found.factors.up)
        }
        try writer.finish()
    }

    /// The nearest product of the rank, and squares of what it lacks and of all.
    func part(of difference: Tensor) throws -> Found {
        try withTorchErrors {
            let least = min(difference.size(0), difference.size(1))
            guard least > exactUpTo, rank + 16 < least else {
                return Found(difference, rank: min(rank, least))
            }
            let basis = try range(of: difference, count: rank + 16)
            let small = basis.transpose(0, 1).matmul(difference)
            var found = Found(small, rank: rank)
            let outside = residual(difference, basis, small)
            found.lost += outside
            found.whole += outside
            let up = basis.to(.float64).matmul(found.factors.up)
            found.factors = LowRankFactors(down: found.factors.down, up: up)
            return found
        }
    }

    /// Factors, and squared lengths.
    struct Found {
        var factors: LowRankFactors
        var lost: Double
        var whole: Double

        /// Of a matrix that is decomposed as a whole.
        init(_ matrix: Tensor, rank: Int) {
            let (u, s, vt) = matrix.to(.float64).singularValues()
            let roots = s.narrow(0, from: 0, count: rank).squareRoot()
            factors = LowRankFactors(
                down: vt.narrow(0, from: 0, count: rank) * roots.unsqueeze(1),
                up: u.narrow(1, from: 0, count: rank) * roots
            )
            let values = s.doubles()
            lost = LowRankSpectrum.tail(values, from: rank)
            whole = LowRankSpectrum.tail(values, from: 0)
        }
    }

    /// Orthonormal columns that span the leading directions, `[out, count]`.
    private func range(of matrix: Tensor, count: Int) throws -> Tensor {
        let random = try RandomGenerator(seed: 1)
        let start = random.normal([matrix.size(1), count])
        var columns = matrix.matmul(start).orthogonalTriangular().q
        for _ in 0..<4 {
            let rows = matrix.transpose(0, 1).matmul(columns).orthogonalTriangular().q
            columns = matrix.matmul(rows).orthogonalTriangular().q
        }
        return columns
    }

    /// Squared length of what lies outside of the columns, some rows at a time.
    private func residual(_ matrix: Tensor, _ basis: Tensor, _ small: Tensor) -> Double {
        stride(from: 0, to: matrix.size(0), by: 1024).reduce(0) { sum, start in
            let count = min(1024, matrix.size(0) - start)
            let rows = matrix.narrow(0, from: start, count: count)
            let rest = rows - basis.narrow(0, from: start, count: count).matmul(small)
            return sum + (rest * rest).sum([1]).to(.float64).sum().item()
        }
    }
}
