import Adapters
import Foundation
import Safetensors
public import Torch

/// Watches what the layers of a model read while one adapter is active, and writes it for a merge.
///
/// A layer is watched by standing in the place of its adapter: the output is the same, and `Σ (A x)(A x)ᵀ` grows.
public final class CalibrationCollector {
    private let paths: [String]
    private let places: [String: Place]
    private var parts: [String: [String: Tensor]] = [:]
    private let digests: [String]

    /// The rows of all adapters at a layer.
    private struct Place {
        let down: Tensor  // [R, in]
        let ranks: [Int]
    }

    /// For the layers that more than one of the files has.
    ///
    /// - Parameters:
    ///   - files: LoRA files, in the order of the merge.
    ///   - kroneckerRank: rank of LoKrs with a whole second factor, as in the merge.
    ///   - device: where the layers compute.
    /// - Throws: `LoRAError` for files without a layer in common.
    public init(files: [String], kroneckerRank: Int? = nil, device: Device) throws {
        let opened = try files.map { try LoRAFile(path: $0) }
        digests = try files.map { try FileDigest.hex(path: $0) }
        let all = opened.map { file in
            Dictionary(file.layers.map { ($0.path, $0) }) { first, _ in first }
        }
        paths = opened.flatMap { $0.layers.map(\.path) }.uniqued.filter { path in
            all.filter { $0[path] != nil }.count > 1
        }
        guard !paths.isEmpty else {
            throw LoRAError(
                at: files.joined(separator: ", "),
                "have no layer in common, should share some to be calibrated",
                fix: "merge them with sum"
            )
        }
        var places: [String: Place] = [:]
        for path in paths {
            let layers = all.map { $0[path] }
            guard !layers.contains(where: { $0?.kind == .dora || $0?.kind == .fullrank }) else {
                continue
            }
            let factors = try withTorchErrors {
                try layers.map { try $0?.mergedFactors(kronecker: kroneckerRank) }
            }
            places[path] = try withTorchErrors {
                Place(
                    down: .concatenate(factors.compactMap { $0?.down.to(on: device) }, axis: 0),
                    ranks: factors.map { $0?.rank ?? 0 }
                )
            }
        }
        self.places = places
    }

    /// Number of layers that are watched.
    public var layerCount: Int { places.count }

    /// Watches from now on; call again whenever the model's adapters were changed.
    ///
    /// - Parameters:
    ///   - layers: the model's, with the active adapter on them.
    ///   - adapter: number of the active one, from 0; nil while none is.
    public func watch(_ layers: [Linear], adapter: Int?) {
        let part = adapter.map(String.init) ?? "generic"
        for layer in layers {
            guard let place = places[layer.path] else { continue }
            layer.adapter = InputWatcher(layer.adapter) { [weak self] x in
                let read = x.reshape(-1, layer.inputCount).to(.float32).matmul(
                    place.down.transposed
                )
                let gram = read.transposed.matmul(read).to(.float64)
                self?.add(gram, to: layer.path, part)
            }
        }
    }

    private func add(_ gram: Tensor, to path: String, _ part: String) {
        if let sum = parts[path]?[part] { return sum.add(gram) }
        parts[path, default: [:]][part] = gram
    }

    /// Writes what was seen.
    ///
    /// - Throws: `LoRAError` if an adapter was not seen at all; as `TensorFile.write`.
    public func write(to path: String) throws {
        let wanted = digests.indices.map(String.init)
        let seen = paths.filter { layer in wanted.allSatisfy { parts[layer]?[$0] != nil } }
        guard !seen.isEmpty else {
            throw LoRAError(
                at: path,
                "would hold nothing: no layer was seen with every adapter",
                fix: "give each adapter prompts of its own"
            )
        }
        var tensors: [(name: String, tensor: Tensor)] = []
        for layer in seen {
            let ranks = places[layer]?.ranks ?? []
            tensors.append((Calibration.name(layer, Calibration.Key.ranks), Tensor(ranks)))
            for (part, gram) in (parts[layer] ?? [:]).sorted(by: { $0.key < $1.key }) {
                let stored = try withTorchErrors { gram.to(.float32, on: .cpu) }
                tensors.append((Calibration.name(layer, part), stored))
            }
        }
        let metadata = [
            Calibration.Key.format: Calibration.format,
            Calibration.Key.adapters: digests.joined(separator: " "),
        ]
        try TensorFile(tensors, metadata: metadata).write(to: path)
    }
}

extension [String] {
    /// Each once, in the order of the first.
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
