import Testing

@testable import Torch

/// Decompositions against what defines them.
@Suite("Linear algebra") struct LinearAlgebraTests {
    private func matrix(_ shape: [Int], _ dtype: DType) throws -> Tensor {
        try RandomGenerator(seed: 3).normal(shape).to(dtype)
    }

    private func distance(_ a: Tensor, _ b: Tensor) -> Double {
        (a - b).to(.float64).absolute().largest().item()
    }

    private func identity(_ count: Int) -> Tensor {
        let range = Tensor.range(to: Double(count))
        return (0..<count).reduce(Tensor.zeros([count, count])) { sum, index in
            let unit = (range - Double(index)).absolute().clamped(0, 1) * -1 + 1
            return sum + unit.unsqueeze(1) * unit.unsqueeze(0)
        }
    }

    private static let precisions: [(DType, Double)] = [(.float32, 1e-5), (.float64, 1e-13)]

    @Test("singular vectors are orthonormal and give the matrix back", arguments: precisions)
    func singularValues(dtype: DType, tolerance: Double) throws {
        try withTorchErrors {
            let x = try matrix([2, 7, 4], dtype)
            let (u, s, vt) = x.singularValues()
            #expect(u.shape == [2, 7, 4] && s.shape == [2, 4] && vt.shape == [2, 4, 4])
            #expect(distance((u * s.unsqueeze(1)).matmul(vt), x) < tolerance)
            #expect(distance(u.transpose(1, 2).matmul(u), identity(4).to(dtype)) < tolerance)
            let values = s.select(0, 0).floats()
            #expect(values == values.sorted(by: >))
        }
    }

    @Test("Q R is the matrix, Q orthonormal, R triangular", arguments: precisions)
    func orthogonalTriangular(dtype: DType, tolerance: Double) throws {
        try withTorchErrors {
            let x = try matrix([6, 3], dtype)
            let (q, r) = x.orthogonalTriangular()
            #expect(q.shape == [6, 3] && r.shape == [3, 3])
            #expect(distance(q.matmul(r), x) < tolerance)
            #expect(distance(q.transpose(0, 1).matmul(q), identity(3).to(dtype)) < tolerance)
            #expect(r.floats()[3] == 0 && r.floats()[6] == 0)
        }
    }

    @Test("symmetric matrices, their roots and equations", arguments: precisions)
    func symmetric(dtype: DType, tolerance: Double) throws {
        try withTorchErrors {
            let x = try matrix([5, 5], dtype)
            let gram = x.matmul(x.transpose(0, 1)) + identity(5).to(dtype)
            let (values, vectors) = gram.symmetricEigen()
            #expect(
                distance((vectors * values).matmul(vectors.transpose(0, 1)), gram) < tolerance * 20
            )
            let root = gram.cholesky()
            #expect(distance(root.matmul(root.transpose(0, 1)), gram) < tolerance * 20)
            let right = try matrix([5, 2], dtype)
            #expect(distance(gram.matmul(gram.solve(right)), right) < tolerance * 20)
            let solved = root.solveTriangular(right, isUpper: false)
            #expect(distance(root.matmul(solved), right) < tolerance * 20)
        }
    }

    @Test("what has no solution is a named error")
    func failures() throws {
        let singular = #expect(throws: TorchError.self) {
            try withTorchErrors { Tensor.zeros([2, 2]).solve(.zeros([2, 1])) }
        }
        #expect(singular?.operation == "solve")
        let negative = #expect(throws: TorchError.self) {
            try withTorchErrors { (identity(2) * -1).cholesky() }
        }
        #expect(negative?.operation == "cholesky")
    }
}
