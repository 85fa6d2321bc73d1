import TorchBridge

/// The 16 values of NF4, two codes per byte, with the largest magnitude of each 64 elements as scale.
///
/// - Source: "QLoRA: Efficient finetuning of quantized LLMs", Dettmers et al., 2023, without its second
///   quantisation of the scales.
public final class NF4Weight: PackedWeight {
    /// Codes `[blocks, 32]` and scale `[blocks, 1]` in float32.
    public let packed: PackedTensors

    /// Codes the elements in row-major order.
    init(quantizing matrix: Tensor) {
        packed = PackedTensors(coding: matrix, as: TB_NF4_BLOCKS)
    }
}
