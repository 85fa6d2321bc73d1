public import Safetensors
public import Torch

/// Adapter files in the key form that ComfyUI and the official loader read.
///
/// `diffusion_model.<layer>.lora_A.weight` `[r, in]` and `.lora_B.weight` `[out, r]`.
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
            let stored = member.adapter.stored.map { $0.to(dtype, on: .cpu) }
            return names(member.layer.path).flatMap { layer in
                zip(member.adapter.parameterNames, stored).map { (layer + "." + $0, $1) }
            }
        }
    }

    /// Fills the adapters from a file that holds exactly their layers.
    ///
    /// - Throws: `AdapterError.doesNotFit` naming what is missing, left over or of another shape.
    public static func load(
        _ file: SafetensorsFile,
        into network: AdapterNetwork,
        names layers: Names = plainNames
    ) throws {
        var expected: Set<String> = []
        for member in network.members {
            let all = layers(member.layer.path).map { layer in
                member.adapter.parameterNames.map { layer + "." + $0 }
            }
            expected.formUnion(all.joined())
            guard let names = all.first else { continue }
            for (name, parameter) in zip(names, member.adapter.parameters) {
                try check(file.info(name), name, parameter.shape, in: file.path)
            }
            member.adapter.restore(try names.map { try Tensor(reading: $0, from: file) })
        }
        if let extra = file.names.first(where: { !expected.contains($0) }) {
            throw AdapterError.doesNotFit(
                file: file.path,
                problem: "has \(extra), which this network does not adapt"
            )
        }
    }

    private static func check(
        _ info: TensorInfo?,
        _ name: String,
        _ shape: [Int],
        in path: String
    ) throws(AdapterError) {
        guard let info else { throw .doesNotFit(file: path, problem: "lacks \(name)") }
        guard info.shape == shape else {
            throw .doesNotFit(
                file: path,
                problem: "\(name) is \(info.shape), should be \(shape)"
            )
        }
    }
}
