import Foundation
public import LTXModel
import Safetensors
import Torch
import Verification

/// A tiny checkpoint set in the real formats: for trying everything out without 40 GB of weights.
///
/// Names, shapes and metadata are those of the recordings that `likeness verify` uses, which were made
/// from the reference implementation; the weights are drawn anew from a seed.
public struct TinyModel {
    /// Which version to imitate.
    public let version: ModelVersion
    /// Same seed, same files.
    public let seed: UInt64

    /// Where the parts were written.
    public struct Files: Sendable {
        /// The single-file checkpoint: transformer, connectors, VAEs, vocoder.
        public let checkpoint: String
        /// The text encoder's folder.
        public let textEncoder: String
    }

    /// A tiny model; there are some for 2.0 and 2.3.
    public init(version: ModelVersion, seed: UInt64 = 1) {
        self.version = version
        self.seed = seed
    }

    /// Writes the files below a folder, which is made.
    public func write(to folder: String) throws -> Files {
        let short = version == .ltx20 ? "20" : "23"
        let checkpoint =
            "\(folder)/\(version.rawValue.replacingOccurrences(of: "ltx2", with: "ltx-2"))-tiny-dev.safetensors"
        let gemma = "\(folder)/gemma"
        try FileManager.default.createDirectory(
            atPath: gemma,
            withIntermediateDirectories: true
        )
        try rewrite(Recordings.path("ltx\(short)_single.safetensors"), to: checkpoint)
        let source = Recordings.path("ltx\(short)_diffusers")
        try rewrite(source + "/text_encoder", to: gemma + "/model.safetensors", isGemma: true)
        try copy(source + "/text_encoder/config.json", to: gemma + "/config.json")
        try copy(Recordings.path("tokenizer/tokenizer.model"), to: gemma + "/tokenizer.model")
        return Files(checkpoint: checkpoint, textEncoder: gemma)
    }

    private func copy(_ source: String, to target: String) throws {
        try Data(contentsOf: URL(fileURLWithPath: source))
            .write(to: URL(fileURLWithPath: target), options: .atomic)
    }

    /// The same names, shapes and metadata with other weights.
    private func rewrite(_ source: String, to target: String, isGemma: Bool = false) throws {
        let files = try WeightFiles(path: source)
        let tensors = try files.names.map { name in
            guard let file = files.file(for: name) else { throw CheckpointError(missing: [name]) }
            let stored = try Tensor(reading: name, from: file)
            let drawn = try withTorchErrors { try weight(name, like: stored, isGemma: isGemma) }
            return (name: name, tensor: drawn)
        }
        try TensorFile(tensors, metadata: files.metadata).write(to: target)
    }

    private func weight(_ name: String, like stored: Tensor, isGemma: Bool) throws -> Tensor {
        guard let draw = WeightDraw(name, shape: stored.shape, isGemma: isGemma) else {
            return stored
        }
        let random = try RandomGenerator(seed: seed, step: 0, purpose: StableHash(name).value)
        return draw.values(random).to(stored.dtype)
    }
}

/// How a weight of a tiny model is drawn, told by its name.
struct WeightDraw {
    private let shape: [Int]
    private let middle: Double
    private let spread: Double

    /// Nil for constants, such as filters, that are kept as they are.
    init?(_ name: String, shape: [Int], isGemma: Bool) {
        let constants = ["filter", "basis", "scale_multiplier", ".channel", "mean-of-stds"]
        guard !shape.isEmpty, !constants.contains(where: name.contains) else { return nil }
        self.shape = shape
        let inputs = shape.dropFirst().reduce(1, *)
        switch true {
        case name.hasSuffix("std-of-means"): (middle, spread) = (1, 0.1)
        case name.hasSuffix("mean-of-means"): (middle, spread) = (0, 0.1)
        // Gemma stores how far its norms are from 1.
        case name.contains("norm") && name.hasSuffix("weight"):
            (middle, spread) = (isGemma ? 0 : 1, 0.1)
        case name.contains("registers"): (middle, spread) = (0, 0.6)
        case name.contains("embed_tokens"): (middle, spread) = (0, 0.2)
        case shape.count == 1, name.contains("table"): (middle, spread) = (0, 0.1)
        default: (middle, spread) = (0, 1 / Double(inputs).squareRoot())
        }
    }

    func values(_ random: RandomGenerator) -> Tensor { random.normal(shape) * spread + middle }
}
