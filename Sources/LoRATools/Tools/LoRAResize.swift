import Adapters
import Safetensors
import Torch

/// Writes an adapter of smaller ranks that is as near to the given one as those ranks allow.
///
/// Each layer's product is cut at the largest singular values (Eckart and Young): no other product of that
/// rank is nearer. Ranks never grow; layers that are small enough are copied byte by byte.
public struct LoRAResize: Sendable {
    /// How far ranks shrink.
    public enum Target: Equatable, Sendable {
        /// At most so much everywhere.
        case rank(Int)
        /// In each layer the smallest that keeps this share of the squared length, 0 to 1.
        case energy(Double)
    }

    /// What came of it.
    public struct Outcome: Equatable, Sendable {
        /// Layers that were cut.
        public var resized = 0
        /// Layers of low rank that were small enough.
        public var kept = 0
        /// Layers of other kinds, copied as they are.
        public var otherKinds = 0
        /// Smallest and largest rank of the result's low-rank layers.
        public var ranks = 0...0
        /// What was lost by cutting; rounding to the type of the file comes on top.
        public var error = TruncationError()
    }

    private let target: Target

    /// A target for all layers.
    public init(_ target: Target) { self.target = target }

    /// Writes the smaller adapter.
    @discardableResult
    public func write(
        _ file: LoRAFile,
        to path: String,
        progress: @escaping LoRAProgress = { _, _ in }
    ) throws -> Outcome {
        try LoRAOutput.check(path, inputs: [file.path])
        var outcome = Outcome()
        let ranks = try ranks(of: file, &outcome)
        let memory = SpectrumMemory()
        var rewrite = LoRARewrite(metadata: file.metadata)
        rewrite.metadata["resized_to"] = "\(target)"
        rewrite.metadata["rank"] = String(outcome.ranks.upperBound)
        for (layer, part) in file.parts() {
            guard let rank = ranks[layer.path] else {
                try rewrite.copy(part, of: file.file)
                continue
            }
            put(part, of: layer, rank: rank, memory, into: &rewrite)
        }
        try rewrite.write(to: path, progress: progress)
        return outcome
    }

    /// New ranks of the layers that are cut.
    private func ranks(of file: LoRAFile, _ outcome: inout Outcome) throws -> [String: Int] {
        var ranks: [String: Int] = [:]
        var all: [Int] = []
        for layer in file.layers {
            guard layer.kind == .lora, let old = layer.rank else {
                outcome.otherKinds += 1
                continue
            }
            try Task.checkCancellation()
            let factors = try layer.factors()
            let values = try withTorchErrors { LowRankSpectrum(factors).values }
            let rank = min(old, rank(for: values))
            if rank < old { ranks[layer.path] = rank }
            if rank < old { outcome.resized += 1 } else { outcome.kept += 1 }
            all.append(rank)
            outcome.error.count(
                layer.pathway,
                lost: LowRankSpectrum.tail(values, from: rank),
                whole: LowRankSpectrum.tail(values, from: 0)
            )
        }
        guard let least = all.min(), let most = all.max() else {
            throw LoRAError(
                at: file.path,
                "has no plain LoRA layers, which are those that can be resized",
                fix: "use a LoRA file"
            )
        }
        outcome.ranks = least...most
        return ranks
    }

    private func rank(for values: [Double]) -> Int {
        switch target {
        case .rank(let rank): min(max(rank, 1), values.count)
        case .energy(let share): LowRankSpectrum.rank(keeping: share, of: values)
        }
    }

    private func put(
        _ part: LoRAPart,
        of layer: LoRALayer,
        rank: Int,
        _ memory: SpectrumMemory,
        into rewrite: inout LoRARewrite
    ) {
        guard part.name != "alpha" else { return }  // the scale is in the factors
        let isDown = part.name == "lora_A"
        let shape = isDown ? [rank, layer.inputCount] : [layer.outputCount, rank]
        let dtype = DType(part.stored.dtype) ?? .float32
        rewrite.make(LoRAEntry(name: part.stored.name, dtype: dtype, shape: shape)) {
            let cut = try memory.truncated(layer, rank)
            return isDown ? cut.down : cut.up
        }
    }
}

/// Keeps the last layer's result, as A and B of a layer mostly stand side by side.
private final class SpectrumMemory {
    private var last: (path: String, cut: LowRankFactors)?

    func truncated(_ layer: LoRALayer, _ rank: Int) throws -> LowRankFactors {
        if let last, last.path == layer.path { return last.cut }
        let factors = try layer.factors()
        let cut = try withTorchErrors { LowRankSpectrum(factors).truncated(to: rank) }
        last = (layer.path, cut)
        return cut
    }
}
