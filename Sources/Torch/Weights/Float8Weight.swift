import TorchBridge

/// float8 codes with a scale per row, or one for all rows as fp8 checkpoints have it.
public final class Float8Weight: PackedWeight {
    /// Codes `[out, in]` and scale `[out, 1]` or `[1, 1]`.
    public let packed: PackedTensors

    /// Scales each row so that its largest magnitude becomes 448, the largest of float8_e4m3.
    init(quantizing matrix: Tensor) {
        packed = PackedTensors(coding: matrix, as: TB_FLOAT8_ROWS)
    }

    /// Takes codes of either float8 type as a file has them; the scale is float32.
    init(codes: Tensor, scale: Tensor) {
        packed = PackedTensors(TB_FLOAT8_ROWS, codes: codes, scale: scale, shape: codes.shape)
    }
}
