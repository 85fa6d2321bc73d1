import Adapters
import Safetensors
import Torch

/// Writes an adapter under the names of another dialect; tensors are copied byte by byte.
///
/// diffusers reads no alphas: one that equals the rank says nothing and is left out, remembered in the
/// metadata so that the way back brings it again; any other is folded into B.
public struct LoRAConvert: Sendable {
    private let dialect: KeyDialect
    /// Where the type of alphas that were left out is remembered.
    private static let remembered = "alpha_of_rank"

    /// Names to write.
    public init(to dialect: KeyDialect) { self.dialect = dialect }

    /// What could not be copied as it is, in words; empty if everything was.
    ///
    /// - Throws: `LoRAError` for kinds that the dialect's programs cannot read.
    @discardableResult
    public func write(
        _ file: LoRAFile,
        to path: String,
        progress: @escaping LoRAProgress = { _, _ in }
    ) throws -> [String] {
        try LoRAOutput.check(path, inputs: [file.path])
        var rewrite = LoRARewrite(metadata: file.metadata)
        var notes: [String] = []
        if dialect == .diffusers {
            try checkKinds(file)
            notes = try convertToDiffusers(file, &rewrite)
        } else {
            try convert(file, &rewrite)
        }
        try rewrite.write(to: path, progress: progress)
        return notes
    }

    private func convert(_ file: LoRAFile, _ rewrite: inout LoRARewrite) throws {
        let alphas = rewrite.metadata.removeValue(forKey: Self.remembered)
            .flatMap(SafetensorsDType.init(rawValue:)).flatMap { DType($0) }
        for (layer, part) in file.parts() where !part.isAlias {
            let name = dialect.key(layer.path, part.name)
            try rewrite.copy(part, of: file.file, as: name)
            guard let alphas, let rank = layer.rank, part.name == "lora_B", layer.alpha == nil
            else { continue }
            rewrite.make(LoRAEntry(layer.path, "alpha", dialect, alphas, [])) {
                try withTorchErrors { .full([], Double(rank)) }
            }
        }
    }

    private func checkKinds(_ file: LoRAFile) throws(LoRAError) {
        let others = file.layers.filter { $0.kind != .lora && $0.part("magnitude") == nil }
        guard let first = others.first else { return }
        throw first.fault(
            "is a \(first.kind.title)\(first.kind == .dora ? " in ComfyUI's form" : "") like "
                + "\(others.count - 1) others, which diffusers cannot read",
            fix: "convert it to comfyui or kohya, or train a LoRA"
        )
    }

    private func convertToDiffusers(_ file: LoRAFile, _ rewrite: inout LoRARewrite) throws
        -> [String]
    {
        var folded = 0
        var dropped = 0
        for (layer, part) in file.parts() where !part.isAlias {
            let name = dialect.key(layer.path, part.name)
            switch part.name {
            case "alpha": continue
            case "dora_scale": dropped += 1
            case "lora_B" where layer.scale != 1:
                folded += 1
                let dtype = DType(part.stored.dtype) ?? .float32
                rewrite.make(LoRAEntry(name: name, dtype: dtype, shape: part.stored.shape)) {
                    let stored = try layer.read("lora_B")
                    return try withTorchErrors { stored.to(.float64) * layer.scale }
                }
            default: try rewrite.copy(part, of: file.file, as: name)
            }
        }
        remember(file, folded: folded, &rewrite)
        return Self.notes(folded: folded, dropped: dropped)
    }

    private func remember(_ file: LoRAFile, folded: Int, _ rewrite: inout LoRARewrite) {
        let types = Set(file.layers.map { $0.part("alpha")?.stored.dtype })
        guard folded == 0, types.count == 1, case let type?? = types.first else { return }
        rewrite.metadata[Self.remembered] = type.rawValue
    }

    private static func notes(folded: Int, dropped: Int) -> [String] {
        var notes: [String] = []
        if folded > 0 {
            notes.append(
                "alpha of \(folded) layers is not their rank, and diffusers reads none: it is folded "
                    + "into B, rounded to the type of the file"
            )
        }
        if dropped > 0 {
            notes.append(
                "dora_scale of \(dropped) layers is left out: diffusers reads lora_magnitude_vector, "
                    + "which stays"
            )
        }
        return notes
    }
}
