import Foundation
import LTXModel
import Safetensors
import Torch

/// Two checkpoints of one model, seen tensor by tensor.
struct ComparedModels {
    private let paths: (base: String, tuned: String)
    private let base: FileWeights
    private let tuned: FileWeights
    private let version: ModelVersion

    init(base: String, tuned: String) throws {
        let models = (try Checkpoint(path: base), try Checkpoint(path: tuned))
        guard models.0.version == models.1.version else {
            throw LoRAError(
                at: tuned,
                "is \(models.1.version.title) and \(base) is \(models.0.version.title), should be "
                    + "one version",
                fix: "give the model that was fine-tuned as BASE"
            )
        }
        paths = (base, tuned)
        version = models.0.version
        self.base = try models.0.weights(.transformer)
        self.tuned = try models.1.weights(.transformer)
    }

    /// Names that both have, in the order of the model; fails if they are of other sizes.
    func names() throws -> [String] {
        let names = base.names.filter { tuned.shape(of: $0) != nil }
        for name in names where base.shape(of: name) != tuned.shape(of: name) {
            throw LoRAError(
                at: "\(paths.tuned), \(name)",
                "is \(tuned.shape(of: name) ?? []), in \(paths.base) it is "
                    + "\(base.shape(of: name) ?? []); sizes should be equal",
                fix: "give the model that was fine-tuned as BASE"
            )
        }
        func place(_ name: String) -> LayerNames.Place? {
            LayerNames.place(of: String(name.dropLast(".weight".count)))
        }
        let known = names.compactMap { name in place(name).map { (name, $0) } }
            .sorted { $0.1 < $1.1 }.map(\.0)
        return known + Set(names).subtracting(known).sorted() + unmatched
    }

    /// Names that only one of them has: they differ.
    private var unmatched: [String] {
        Set(base.names).symmetricDifference(tuned.names).sorted()
    }

    /// A matrix of a block, by its path; nil for everything else.
    func layer(_ name: String) -> (path: String, shape: [Int])? {
        guard name.hasPrefix("transformer_blocks."), name.hasSuffix(".weight"),
            let shape = base.shape(of: name), tuned.shape(of: name) != nil, shape.count == 2
        else { return nil }
        let path = String(name.dropLast(".weight".count))
        return LayerNames.place(of: path).map { ($0.path, shape) }
    }

    /// Whether both store the same bytes.
    func isEqual(_ name: String) -> Bool {
        guard base.info(name)?.dtype == tuned.info(name)?.dtype else { return false }
        let result = base.withBytes(of: name) { first in
            tuned.withBytes(of: name) { second in
                guard let a = first.baseAddress, let b = second.baseAddress else { return true }
                return first.count == second.count && memcmp(a, b, first.count) == 0
            } ?? false
        }
        for weights in [base, tuned] { weights.dropFromMemory(name) }
        return result ?? false
    }

    /// `tuned − base`, float32.
    func difference(_ path: String) throws -> Tensor {
        let name = path + ".weight"
        let (old, new) = (try load(name, base, paths.base), try load(name, tuned, paths.tuned))
        return try withTorchErrors { new.to(.float32) - old.to(.float32) }
    }

    private func load(_ name: String, _ weights: FileWeights, _ path: String) throws -> Tensor {
        let types: [SafetensorsDType] = [.bf16, .f16, .f32, .f64]
        guard let type = weights.info(name)?.dtype, types.contains(type) else {
            throw LoRAError(
                at: "\(path), \(name)",
                "is stored as \(weights.info(name)?.dtype.rawValue ?? "nothing"), should be bfloat16 or wider",
                fix: "use the unquantised checkpoint"
            )
        }
        let tensor = try weights.load(name)
        guard try withTorchErrors({ tensor.isFinite }) else {
            throw LoRAError(
                at: "\(path), \(name)",
                "has values that are not finite, should have none",
                fix: "use a checkpoint from before the run went wrong"
            )
        }
        return tensor
    }

    func metadata(rank: Int) -> [String: String] {
        [
            "format": "pt", "ss_base_model_version": version.rawValue, "rank": String(rank),
            "adapter": "lora",
            "extracted_from": (paths.tuned as NSString).lastPathComponent,
            "extracted_base": (paths.base as NSString).lastPathComponent,
        ]
    }

    var nothingDiffers: LoRAError {
        LoRAError(
            at: paths.tuned,
            "has the same matrices in its blocks as \(paths.base), some should differ",
            fix: "give the fine-tuned checkpoint as TUNED"
        )
    }
}
