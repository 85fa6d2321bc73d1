public import Safetensors
public import Torch

/// Adapter files that are used, not trained, on the layers of a frozen model.
///
/// What the files hold stays in memory: strengths can be changed and the adapters taken off and put back
/// without reading anything again, so that one model samples with and without them. At strength s a layer's
/// output is `base + s · (adapted − base)` for every kind: for a LoRA that scales its update; for a DoRA it
/// goes from the frozen matrix to the normalised one, as ComfyUI does. Strength 0 leaves the layer as if
/// there were no adapter. Several files on one layer add up, see `AdapterSum`.
public final class AppliedAdapters {
    /// What a file became.
    private struct Member {
        let layer: Linear
        let adapters: [(file: Int, adapter: any TrainableAdapter)]
    }

    private let members: [Member]
    /// Strengths of each file, in the order of the files; setting takes effect at once.
    public var strengths: [PathwayStrengths] {
        didSet { attach() }
    }

    /// Whether the layers use the adapters; false shows the base model.
    public var isAttached = true {
        didSet { attach() }
    }

    /// How many layers have an adapter from any file.
    public var layerCount: Int { members.count }

    /// Reads files and attaches what they hold.
    ///
    /// - Parameters:
    ///   - files: adapters of any spelling and kind, with their strengths.
    ///   - model: the layers, and how files call them.
    ///   - device: where the layers compute.
    ///   - activations: type in which they do.
    /// - Throws: `AdapterError` for a file that fits no layer, or not all of whose layers are there; for parts
    ///   that are missing or of other sizes; for layers that have an adapter already.
    public init(
        _ files: [(file: SafetensorsFile, strengths: PathwayStrengths)],
        on model: AdaptedModel,
        device: Device,
        activations: DType
    ) throws {
        var found: [Int: [(file: Int, adapter: any TrainableAdapter)]] = [:]
        for (number, (file, _)) in files.enumerated() {
            for (index, record) in try model.records(of: file) {
                let adapter = try AdapterFile.naming(file) { () throws(AdapterMismatch) in
                    try record.frozen(
                        for: model.layers[index],
                        device: device,
                        activations: activations
                    )
                }
                found[index, default: []].append((number, adapter))
            }
        }
        members = found.sorted { $0.key < $1.key }.map {
            Member(layer: model.layers[$0.key], adapters: $0.value)
        }
        strengths = files.map(\.strengths)
        if let taken = members.first(where: { $0.layer.adapter != nil }) {
            throw AdapterError.taken(taken.layer.path)
        }
        attach()
    }

    /// Runs code with the base model alone.
    public func detached<R>(_ body: () throws -> R) rethrows -> R {
        let before = isAttached
        isAttached = false
        defer { isAttached = before }
        return try body()
    }

    private func attach() {
        for member in members { member.layer.adapter = isAttached ? adapter(of: member) : nil }
    }

    /// What a layer computes with; nil where no file has a strength there.
    private func adapter(of member: Member) -> (any LinearAdapter)? {
        var active: [any TrainableAdapter] = []
        for (file, adapter) in member.adapters {
            adapter.strength = strengths[file].strength(of: member.layer.path)
            if adapter.strength != 0 { active.append(adapter) }
        }
        return active.count > 1 ? AdapterSum(active) : active.first
    }
}
