import TorchBridge

/// Whole numbers of 8 bits of a matrix whose columns were mixed by a rotation, 256 at a time.
///
/// The rotation spreads outliers over their group before rounding. Such files are read, none are made:
/// "ConvRot" of ComfyUI, whose matrix is the fourth Kronecker power of a 4 × 4 Hadamard matrix with an
/// equal sum in each row; it is its own inverse.
public final class RotatedInt8Weight: PackedWeight {
    /// Columns that are mixed with each other.
    static let groupSize = 256

    /// Codes `[out, in]` of the rotated matrix and scale `[out, 1]` or `[1, 1]`.
    public let packed: PackedTensors

    /// Takes codes as a file has them; the scale is float32.
    init(codes: Tensor, scale: Tensor) {
        packed = PackedTensors(TB_ROTATED_INT8_ROWS, codes: codes, scale: scale, shape: codes.shape)
    }
}
