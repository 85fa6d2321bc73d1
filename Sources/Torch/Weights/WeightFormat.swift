/// How a frozen matrix is kept, where not in the type of the activations.
public enum WeightFormat: String, Sendable, CaseIterable {
    /// float8_e4m3 with a float32 scale per row.
    case float8
    /// Whole numbers of 8 bits with a float32 scale per row.
    case int8
    /// Whole numbers of 4 bits with a bfloat16 scale and a zero point for each 64 elements.
    case int4
    /// Quantiles of a normal distribution, with a float32 scale for each 64 elements.
    case nf4

    /// Bits of one code.
    public var bits: Int {
        switch self {
        case .float8, .int8: 8
        case .int4, .nf4: 4
        }
    }

    /// Bytes of a matrix `[rows, columns]`, scales included.
    public func byteCount(rows: Int, columns: Int) -> Int {
        let groups = (rows * columns + 63) / 64
        return switch self {
        case .float8, .int8: rows * columns + 4 * rows
        case .int4: groups * (32 + 2 + 1)
        case .nf4: groups * (32 + 4)
        }
    }

    /// The matrix `[out, in]` in this format, on its device.
    public func quantized(_ matrix: Tensor) -> any PackedWeight {
        switch self {
        case .float8: Float8Weight(quantizing: matrix)
        case .int8: Int8Weight(quantizing: matrix)
        case .int4: Int4Weight(quantizing: matrix)
        case .nf4: NF4Weight(quantizing: matrix)
        }
    }
}
