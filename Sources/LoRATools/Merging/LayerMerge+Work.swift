import Adapters
import LTXModel
import Safetensors
import Torch

/// What became of a layer.
struct LayerResult: Sendable {
    /// The tensors, in the order of the entries.
    let tensors: [FactorBytes]
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
    /// LibTorch's threads for one operation, as they were before.
    let threads: Int
}

extension LayerMerge {
    /// Computes the tensors; the same bytes on every run and with any number of threads.
    func result(_ support: MergeSupport, measures: Bool) throws -> LayerResult {
        // One thread for each operation, several layers at a time: so sums never depend on the number of threads.
        // The number belongs to the thread that calls; teams of several would wait for each other awake.
        LibTorch.threadCount = 1
        defer { LibTorch.threadCount = support.threads }
        return try withTorchErrors {
            try withoutGradients {
                switch form {
                case .copy: copied()
                case .factors: try merged(support, measures: measures)
                case .magnitude: try added(support)
                }
            }
        }
    }

    // MARK: - Copies

    private func copied() -> LayerResult {
        let layer = shares[0].layer
        let tensors = Self.copiedParts(layer).map {
            FactorBytes.stacked([StoredFactor(layer: layer, part: $0)])
        }
        return LayerResult(tensors: tensors, measures: LayerMeasures(layer, live: 1))
    }

    // MARK: - LoRA

    private func merged(_ support: MergeSupport, measures: Bool) throws -> LayerResult {
        let isSum = method is SumMethod || method is PickMethod || shares.count == 1
        guard !isSum || measures || !isPlain else {
            let tensors = [downBytes, try upBytes()] + alpha
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
            keepsDown ? downBytes : try stored(mixing.down(of: layer), "lora_A"),
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

    private var downBytes: FactorBytes { .stacked(factors("lora_A")) }

    /// Bytes as they are where every scale is 1; else each adapter's B times its scale, rounded once.
    private func upBytes() throws -> FactorBytes {
        guard !hasUnitScales else {
            return .besides(factors("lora_B"), rows: shares[0].layer.outputCount)
        }
        let scaled = try shares.map { share in
            try share.layer.read("lora_B").to(.float32) * (share.layer.scale * share.weight)
        }
        return try stored(.concatenate(scaled, axis: 1), "lora_B")
    }

    private func factors(_ name: String) -> [StoredFactor] {
        shares.compactMap { share in
            share.layer.part(name).map { StoredFactor(layer: share.layer, part: $0) }
        }
    }

    var alpha: [FactorBytes] {
        guard entries.contains(where: { $0.name.hasSuffix(".alpha") }) else { return [] }
        return [.made(withUnsafeBytes(of: Float(rank)) { Array($0) })]
    }

    func stored(_ tensor: Tensor, _ part: String, as dtype: DType? = nil) throws
        -> FactorBytes
    {
        let stored = tensor.to(dtype ?? self.dtype, on: .cpu).contiguous()
        guard stored.isFinite else {
            throw LoRAError(
                at: "\(path), \(part)",
                "is not finite as \((dtype ?? self.dtype).stored.rawValue), should be",
                fix: "write it with --dtype fp32, or lower the strengths"
            )
        }
        return .made(stored.bytes())
    }

    /// What chosen ranks cut off, by number of the adapter.
    func truncations(_ thin: [ThinFactors]) -> [Int: Truncation] {
        let known = zip(shares, thin).compactMap { share, thin in
            thin.truncation.map { (share.adapter, $0) }
        }
        return Dictionary(known) { first, _ in first }
    }
}
