import TorchBridge

// Matrices are float32 or float64; axes before the last two are a batch.

extension Tensor {
    /// `U diag(s) Vᵀ` of a matrix `[..., m, n]`, reduced to k = min(m, n).
    ///
    /// - Returns: `u` `[..., m, k]`, `s` `[..., k]` from large to small, `vt` `[..., k, n]`.
    public func singularValues() -> (u: Tensor, s: Tensor, vt: Tensor) {
        var (u, s, vt) = (OpaquePointer?.none, OpaquePointer?.none, OpaquePointer?.none)
        Tensor.run("singularValues", [self]) { tb_linalg_svd(&u, &s, &vt, $0[0]) }
        return (Tensor(adopting: u), Tensor(adopting: s), Tensor(adopting: vt))
    }

    /// `Q R` of a matrix `[..., m, n]`, reduced to k = min(m, n).
    ///
    /// - Returns: `q` `[..., m, k]` with orthonormal columns, `r` `[..., k, n]` upper triangular.
    public func orthogonalTriangular() -> (q: Tensor, r: Tensor) {
        var (q, r) = (OpaquePointer?.none, OpaquePointer?.none)
        Tensor.run("orthogonalTriangular", [self]) { tb_linalg_qr(&q, &r, $0[0]) }
        return (Tensor(adopting: q), Tensor(adopting: r))
    }

    /// `V diag(w) Vᵀ` of a symmetric matrix `[..., n, n]`, of which the lower triangle is read.
    ///
    /// - Returns: `values` `[..., n]` from small to large, `vectors` `[..., n, n]` in columns.
    public func symmetricEigen() -> (values: Tensor, vectors: Tensor) {
        var (values, vectors) = (OpaquePointer?.none, OpaquePointer?.none)
        Tensor.run("symmetricEigen", [self]) { tb_linalg_eigh(&values, &vectors, $0[0]) }
        return (Tensor(adopting: values), Tensor(adopting: vectors))
    }

    /// The lower triangle L with `self = L Lᵀ`; fails if the matrix is not positive definite.
    public func cholesky() -> Tensor {
        Tensor.call("cholesky", [self]) { tb_linalg_cholesky($0, $1[0]) }
    }

    /// X with `self · X = right`; fails if the matrix is singular.
    public func solve(_ right: Tensor) -> Tensor {
        Tensor.call("solve", [self, right]) { tb_linalg_solve($0, $1[0], $1[1]) }
    }

    /// X with `self · X = right` for a triangular matrix.
    public func solveTriangular(_ right: Tensor, isUpper: Bool) -> Tensor {
        Tensor.call("solveTriangular", [self, right]) {
            tb_linalg_solve_triangular($0, $1[0], $1[1], isUpper)
        }
    }
}
