import Adapters
import Safetensors
import Torch

/// What one adapter has for a layer, and how strongly it is wanted there.
struct LayerShare: Sendable {
    /// Number of the adapter in the request.
    let adapter: Int
    /// What the file holds.
    let layer: LoRALayer
    /// The user's strength.
    let weight: Double
}

/// One layer of the result: which adapters it is made of, how, and which tensors come out.
struct LayerMerge: Sendable {
    /// The layer's name in the checkpoint.
    let path: String
    /// Adapters that are part of it: those with the layer and a strength other than 0.
    let shares: [LayerShare]
    /// Rank of each of them.
    let ranks: [Int]
    /// How they are brought together.
    let method: any MergeMethod
    /// Type of the factors in the file.
    let dtype: DType
    /// The tensors that come out, in their order.
    let entries: [SafetensorsEntry]
    /// How it is written.
    let form: Form

    /// What comes out.
    enum Form: Sendable {
        /// The stored tensors of one adapter, as they are.
        case copy
        /// A LoRA.
        case factors
        /// A DoRA.
        case magnitude
    }

    /// - Throws: `LoRAError` for adapters that do not fit together here.
    init(_ all: [LayerShare], _ request: MergeRequest, dialect: KeyDialect) throws(LoRAError) {
        let mode = all.first.map { request.modes.mode(of: $0.layer) } ?? MergeMode(.sum)
        method = request.method(mode)
        path = all.first?.layer.path ?? ""
        try Self.checkShapes(all)
        let kept = method.kept(of: all.map(\.adapter)).map(Set.init)
        shares = all.filter { $0.weight != 0 && kept?.contains($0.adapter) != false }
        form = Self.form(shares, request)
        guard form != .copy else {
            (ranks, dtype) = ([], .float32)
            entries = shares.first.map { Self.copied($0.layer, dialect) } ?? []
            return
        }
        try Self.checkKinds(shares, mode, request)
        var ranks: [Int] = []
        for share in shares {
            ranks.append(try share.layer.mergedRank(kronecker: request.kroneckerRank))
        }
        self.ranks = ranks
        dtype = request.dtype ?? Self.commonType(shares)
        entries = Self.made(
            shares[0].layer,
            rank: ranks.reduce(0, +),
            dtype: dtype,
            dialect: dialect,
            isMagnitude: form == .magnitude
        )
    }

    /// Sum of the ranks.
    var rank: Int { ranks.reduce(0, +) }

    /// Whether a LoRA of the same type as the result lies in every share: then bytes can be copied.
    var isPlain: Bool {
        shares.allSatisfy { share in
            share.layer.kind == .lora
                && ["lora_A", "lora_B"].allSatisfy { name in
                    share.layer.part(name).flatMap { DType($0.stored.dtype) } == dtype
                }
        }
    }

    // MARK: - Deciding

    private static func form(_ shares: [LayerShare], _ request: MergeRequest) -> Form {
        if shares.count <= 1, shares.first?.weight ?? 1 == 1, request.dtype == nil { return .copy }
        return shares.contains { $0.layer.kind == .dora } ? .magnitude : .factors
    }

    private static func checkShapes(_ shares: [LayerShare]) throws(LoRAError) {
        guard let first = shares.first else { return }
        for other in shares.dropFirst() {
            let (a, b) = (first.layer, other.layer)
            guard (a.inputCount, a.outputCount) != (b.inputCount, b.outputCount) else { continue }
            throw b.fault(
                "is for a matrix \([b.outputCount, b.inputCount]), in \(a.file.path) for "
                    + "\([a.outputCount, a.inputCount]), should be the same",
                fix: "use adapters of one model"
            )
        }
    }

    private static func checkKinds(
        _ shares: [LayerShare],
        _ mode: MergeMode,
        _ request: MergeRequest
    )
        throws(LoRAError)
    {
        guard let dora = shares.first(where: { $0.layer.kind == .dora })?.layer else { return }
        guard mode.kind == .sum || mode.kind == .pick else {
            throw dora.fault(
                "is a DoRA, \(mode.kind.rawValue) is for LoRAs",
                fix: "use sum or pick for its pathway (\(MergeModes.name(of: dora.pathway)))"
            )
        }
        guard request.base != nil else {
            throw dora.fault(
                "is a DoRA: its sum with others depends on the model's own matrix",
                fix: "give the model with --base, or pick one file there"
            )
        }
    }

    /// The type that all factors have; float32 where they differ.
    private static func commonType(_ shares: [LayerShare]) -> DType {
        let types = Set(
            shares.flatMap { share in
                share.layer.parts.filter {
                    !["alpha", "magnitude", "dora_scale"].contains($0.name)
                }
                .compactMap { DType($0.stored.dtype) }
            }
        )
        return types.count == 1 ? types.first ?? .float32 : .float32
    }

    // MARK: - Tensors

    /// Parts of an adapter that is copied; a part that stands there twice is written once.
    static func copiedParts(_ layer: LoRALayer) -> [LoRAPart] { layer.parts.filter { !$0.isAlias } }

    private static func copied(_ layer: LoRALayer, _ dialect: KeyDialect) -> [SafetensorsEntry] {
        copiedParts(layer).map {
            SafetensorsEntry(
                name: dialect.key(layer.path, $0.name),
                dtype: $0.stored.dtype,
                shape: $0.stored.shape
            )
        }
    }

    private static func made(
        _ layer: LoRALayer,
        rank: Int,
        dtype: DType,
        dialect: KeyDialect,
        isMagnitude: Bool
    ) -> [SafetensorsEntry] {
        func entry(_ part: String, _ dtype: DType, _ shape: [Int]) -> SafetensorsEntry {
            SafetensorsEntry(
                name: dialect.key(layer.path, part),
                dtype: dtype.stored,
                shape: shape
            )
        }
        var entries = [
            entry("lora_A", dtype, [rank, layer.inputCount]),
            entry("lora_B", dtype, [layer.outputCount, rank]),
        ]
        // Programs with these names take a missing alpha for 1 rather than for the rank.
        if dialect == .kohya || dialect == .lycoris { entries.append(entry("alpha", .float32, [])) }
        if isMagnitude {
            entries.append(entry("dora_scale", .float32, [layer.outputCount, 1]))
            entries.append(entry("magnitude", .float32, [layer.outputCount]))
        }
        return entries
    }
}
