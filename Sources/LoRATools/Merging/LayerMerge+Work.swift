import Adapters
import LTXModel
import Safetensors
import Torch

/// What became of a layer.
struct LayerResult: Sendable {
    /// The tensors' bytes, in the order of the entries.
    let tensors: [[UInt8]]
    /// What was measured.
    let measures: LayerMeasures
}

/// What layers need beside their factors.
struct MergeSupport: Sendable {
    /// What they were seen to read.
    let measured: (any MeasuredInputs)?
    /// The base model's transformer and connectors, where DoRAs are added.
    let base: [FileWeights]
    /// Rank of LoKrs with a whole second factor.
    let kroneckerRank: Int?
    /// How loud the files are over more than one layer, where they are damped by that.
    let loudness: LoudnessTable?
    /// The file, for messages.
    let output: String
}

extension LayerMerge {
    /// Computes the tensors; the same bytes on every run and with any number of threads.
    func result(_ support: MergeSupport, measures: Bool) throws -> LayerResult {
        try withTorchErrors {
            try withoutGradients {
                switch form {
                case .copy: try copied()
                case .factors: try merged(support, measures: measures)
                case .magnitude: try added(support)
                }
            }
        }
    }

    // MARK: - Copies

    private func copied() throws -> LayerResult {
        let layer = shares[0].layer
        let tensors = try Self.copiedParts(layer).map { part in
            try checked(FactorBytes.stacked([(layer, part)]), part, of: layer)
        }
        return LayerResult(tensors: tensors, measures: LayerMeasures(layer, live: 1))
    }

    private func checked(_ bytes: [UInt8], _ part: LoRAPart, of layer: LoRALayer) throws -> [UInt8]
    {
        let dtype = DType(part.stored.dtype) ?? .int64
        guard bytes.withUnsafeBytes({ FactorBytes.isFinite($0, dtype) }) else {
            _ = try layer.read(part.name)  // says which values are not finite, and what to do
            throw layer.fault("has values that are not finite", fix: "use another checkpoint")
        }
        return bytes
    }

    // MARK: - LoRA

    private func merged(_ support: MergeSupport, measures: Bool) throws -> LayerResult {
        let isSum = method is SumMethod || method is PickMethod || shares.count == 1
        guard !isSum || measures || !isPlain else {
            let tensors = [try downBytes(), try upBytes()] + alpha
            return LayerResult(tensors: tensors, measures: LayerMeasures(shares[0].layer, live: 0))
        }
        let thin = try shares.map { try $0.layer.thinFactors(kronecker: support.kroneckerRank) }
        let factors = thin.map(\.factors)
        let statistics = try support.measured?.statistics(
            of: path,
            shares.map(\.adapter),
            factors
        )
        let layer = MergeLayer(
            factors,
            statistics: statistics,
            loudness: loudness(in: support.loudness)
        )
        let mixing = isSum ? .none : try mixing(of: layer)
        var row =
            measures || !mixing.isNone
            ? LayerMeasures(shares[0].layer, shares.map(\.adapter), layer, mixing)
            : LayerMeasures(shares[0].layer, live: layer.live.count, guards: mixing.guards)
        row.truncations = truncations(thin)
        let keepsDown = isPlain && mixing.input == nil && mixing.elements == nil
        let tensors = [
            keepsDown ? try downBytes() : try stored(mixing.down(of: layer), "lora_A"),
            isPlain && mixing.output == nil
                ? try upBytes() : try stored(weighted(mixing.up(of: layer)), "lora_B"),
        ]
        return LayerResult(tensors: tensors + alpha, measures: row)
    }

    private func mixing(of layer: MergeLayer) throws -> Mixing {
        do {
            return try method.mixing(of: layer)
        } catch MergeError.noStatistics {
            throw LoRAError(
                at: path,
                "has no measured inputs, should have been seen with each of the adapters",
                fix: "run likeness lora calibrate with these very files, or use another way for "
                    + MergeModes.name(of: shares[0].layer.pathway)
            )
        }
    }

    private var hasUnitScales: Bool { shares.allSatisfy { $0.layer.scale * $0.weight == 1 } }

    /// B' with the users' strengths; files' scales are in it already.
    private func weighted(_ up: Tensor) -> Tensor {
        guard shares.contains(where: { $0.weight != 1 }) else { return up }
        let weights = zip(shares, ranks).flatMap { share, rank in
            [Double](repeating: share.weight, count: rank)
        }
        return up * Tensor.numbers(weights).to(up.dtype).unsqueeze(0)
    }

    private func downBytes() throws -> [UInt8] {
        let parts = parts("lora_A")
        let bytes = FactorBytes.stacked(parts)
        return try finite(bytes, parts)
    }

    /// Bytes as they are where every scale is 1; else each adapter's B times its scale, rounded once.
    private func upBytes() throws -> [UInt8] {
        let parts = parts("lora_B")
        guard !hasUnitScales else {
            return try finite(
                FactorBytes.besides(parts, rows: shares[0].layer.outputCount),
                parts
            )
        }
        let scaled = try shares.map { share in
            try share.layer.read("lora_B").to(.float32) * (share.layer.scale * share.weight)
        }
        return try stored(.concatenate(scaled, axis: 1), "lora_B")
    }

    private func parts(_ name: String) -> [(LoRALayer, LoRAPart)] {
        shares.compactMap { share in share.layer.part(name).map { (share.layer, $0) } }
    }

    private func finite(_ bytes: [UInt8], _ parts: [(LoRALayer, LoRAPart)]) throws -> [UInt8] {
        guard !bytes.withUnsafeBytes({ FactorBytes.isFinite($0, dtype) }) else { return bytes }
        for (layer, part) in parts { _ = try layer.read(part.name) }
        return bytes
    }

    var alpha: [[UInt8]] {
        guard entries.contains(where: { $0.name.hasSuffix(".alpha") }) else { return [] }
        return [withUnsafeBytes(of: Float(rank)) { Array($0) }]
    }

    func stored(_ tensor: Tensor, _ part: String, as dtype: DType? = nil) throws -> [UInt8] {
        let stored = tensor.to(dtype ?? self.dtype, on: .cpu).contiguous()
        guard stored.isFinite else {
            throw LoRAError(
                at: "\(path), \(part)",
                "is not finite as \((dtype ?? self.dtype).stored.rawValue), should be",
                fix: "write it with --dtype fp32, or lower the strengths"
            )
        }
        return stored.bytes()
    }

    /// What chosen ranks cut off, by number of the adapter.
    func truncations(_ thin: [ThinFactors]) -> [Int: Truncation] {
        let known = zip(shares, thin).compactMap { share, thin in
            thin.truncation.map { (share.adapter, $0) }
        }
        return Dictionary(known) { first, _ in first }
    }
}
