public import Torch

/// Adapter files in the key form that ComfyUI and the official loader read.
///
/// `diffusion_model.<layer>.` and the names of the adapter's kind, such as `lora_A.weight` `[r, in]` and
/// `lora_B.weight` `[out, r]`.
public enum AdapterFile {
    /// What stands before a layer's name.
    public static let prefix = "diffusion_model."

    /// All names of a layer in files, from its path, without their ending.
    public typealias Names = @Sendable (_ path: String) -> [String]

    /// One name for each layer.
    public static let plainNames: Names = { [prefix + $0] }

    /// The adapters as tensors of a file, in `dtype`; a layer of several names is there under each.
    public static func tensors(
        of network: AdapterNetwork,
        dtype: DType,
        names: Names = plainNames
    ) -> [(name: String, tensor: Tensor)] {
        network.members.flatMap { member in
            let stored = member.adapter.stored.map { part in
                (part.name, part.tensor.to(part.isExact ? .float32 : dtype, on: .cpu))
            }
            return names(member.layer.path).flatMap { layer in
                stored.map { (layer + "." + $0.0, $0.1) }
            }
        }
    }
}
