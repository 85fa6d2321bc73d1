import TorchBridge

/// Whole numbers of 8 bits with a scale per row, or one for all rows.
public final class Int8Weight: PackedWeight {
    /// Codes `[out, in]` and scale `[out, 1]` or `[1, 1]`.
    public let packed: PackedTensors

    /// Scales each row so that its largest magnitude becomes 127.
    init(quantizing matrix: Tensor) {
        packed = PackedTensors(coding: matrix, as: TB_INT8_ROWS)
    }

    /// Takes codes as a file has them; the scale is float32.
    init(codes: Tensor, scale: Tensor) {
        packed = PackedTensors(TB_INT8_ROWS, codes: codes, scale: scale, shape: codes.shape)
    }
}
