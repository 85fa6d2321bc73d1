public import Adapters
import Safetensors
import Torch

/// Writes an adapter that acts at strength 1 as the given one does at others.
///
/// A and B stay as they are where the file says an alpha: alpha is scaled, in float32. Where it says none,
/// readers differ in whether they look for one, so B is scaled: in its own type if that is exact, as for
/// halves and doubles, else in float32. Layers at strength 0 are left out.
public struct LoRAScale: Sendable {
    private let strengths: PathwayStrengths

    /// What was done to how many layers.
    public struct Outcome: Equatable, Sendable {
        /// Copied byte by byte.
        public var kept = 0
        /// Left out.
        public var removed = 0
        /// Scaled by their alpha.
        public var byAlpha = 0
        /// Scaled in the type that they were stored in.
        public var inPlace = 0
        /// Scaled and stored in float32.
        public var widened = 0
    }

    /// Strengths by part of the model.
    public init(_ strengths: PathwayStrengths) { self.strengths = strengths }

    /// Writes the scaled adapter.
    ///
    /// - Throws: `LoRAError` for a DoRA at a strength between, which no DoRA is; if nothing is left.
    @discardableResult
    public func write(
        _ file: LoRAFile,
        to path: String,
        progress: @escaping LoRAProgress = { _, _ in }
    ) throws -> Outcome {
        try LoRAOutput.check(path, inputs: [file.path])
        var outcome = Outcome()
        var rewrite = LoRARewrite(metadata: file.metadata)
        rewrite.metadata["scaled_by"] = strengths.description
        let ways = try Dictionary(
            uniqueKeysWithValues: file.layers.map { ($0.path, try way(of: $0, &outcome)) }
        )
        for (layer, part) in file.parts() {
            try ways[layer.path]?.put(part, of: layer, into: &rewrite)
        }
        guard outcome.removed < file.layers.count else {
            throw LoRAError(
                at: file.path,
                "has strength 0 everywhere, something should be left",
                fix: "give a strength other than 0"
            )
        }
        try rewrite.write(to: path, progress: progress)
        return outcome
    }

    private func way(of layer: LoRALayer, _ outcome: inout Outcome) throws -> ScaledLayer {
        let strength = strengths.strength(of: layer.path)
        let way = try ScaledLayer(layer, strength: strength)
        switch way {
        case .kept: outcome.kept += 1
        case .removed: outcome.removed += 1
        case .part("alpha", _, _): outcome.byAlpha += 1
        case .part(let name, _, let dtype):
            let isSame = layer.part(name).flatMap { DType($0.stored.dtype) } == dtype
            if isSame { outcome.inPlace += 1 } else { outcome.widened += 1 }
        }
        return way
    }
}

/// How a layer is scaled.
private enum ScaledLayer {
    case kept
    case removed
    case part(String, by: Double, as: DType)

    init(_ layer: LoRALayer, strength: Double) throws {
        if strength == 1 {
            self = .kept
        } else if strength == 0 {
            self = .removed
        } else {
            let name = try Self.scaledPart(layer)
            let stored = layer.part(name).flatMap { DType($0.stored.dtype) } ?? .float32
            let isExact =
                name != "alpha" && Self.isPowerOfTwo(strength) && stored.isFloatingPoint
            self = .part(name, by: strength, as: isExact || stored == .float64 ? stored : .float32)
        }
    }

    /// The part that all of the change is proportional to.
    private static func scaledPart(_ layer: LoRALayer) throws -> String {
        func has(_ name: String) -> Bool { layer.part(name) != nil }
        switch layer.kind {
        case .lora: return has("alpha") ? "alpha" : "lora_B"
        case .loha: return has("alpha") ? "alpha" : "hada_w2_a"
        case .lokr:
            // alpha counts only where a factor is a product.
            if has("alpha"), has("lokr_w1_b") || has("lokr_w2_b") { return "alpha" }
            return has("lokr_w2") ? "lokr_w2" : "lokr_w2_a"
        case .fullrank: return "diff"
        case .dora:
            throw layer.fault(
                "is a DoRA, which at a strength other than 0 and 1 is none any more",
                fix:
                    "give the strength where the adapter is used, or remove layers with likeness lora "
                    + "strip"
            )
        }
    }

    private static func isPowerOfTwo(_ value: Double) -> Bool {
        value.isFinite && value != 0 && abs(value).significand == 1
    }

    func put(_ part: LoRAPart, of layer: LoRALayer, into rewrite: inout LoRARewrite) throws {
        switch self {
        case .removed: return
        case .part(let name, let factor, let dtype) where name == part.name:
            let entry = LoRAEntry(name: part.stored.name, dtype: dtype, shape: part.stored.shape)
            rewrite.make(entry) {
                let stored = try layer.read(name)
                return try withTorchErrors { stored.to(.float64) * factor }
            }
        case .kept, .part: try rewrite.copy(part, of: layer.file)
        }
    }
}
