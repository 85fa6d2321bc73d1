public import Torch

/// Watches what the layers of one adapter read, for merges with others that are not known yet.
///
/// Layers that are given the very same tensor, as query, key and value of an attention are, share a sketch.
public final class StatisticsCollector {
    /// Rows that stand for the inputs of a layer.
    public static let rowCount = 64
    private let layers: [Linear]
    private var sketches: [String: InputSketch] = [:]
    /// The layer whose sketch each layer has.
    private var owners: [String: String] = [:]
    /// The inputs that came last: a layer that shares one comes soon after the first that has it.
    private var recent: [(input: Tensor, owner: String)] = []
    private let size: Int
    private let limit: Int

    /// For these layers; nothing is watched yet.
    ///
    /// - Parameters:
    ///   - layers: those that have an adapter.
    ///   - rows: how many stand for the inputs of a layer.
    ///   - rowsOfPass: how many are looked at of a pass, at even distances; without it twice as many.
    public init(
        _ layers: [Linear],
        rows: Int = StatisticsCollector.rowCount,
        rowsOfPass: Int? = nil
    ) {
        (self.layers, size) = (layers, rows)
        limit = rowsOfPass ?? 2 * rows
    }

    /// Watches while some passes are computed; afterwards the layers are as they were before.
    public func watching<R>(_ body: () throws -> R) rethrows -> R {
        let before = layers.map(\.adapter)
        defer {
            for (layer, adapter) in zip(layers, before) { layer.adapter = adapter }
            recent = []
        }
        for layer in layers {
            layer.adapter = InputWatcher(layer.adapter) { [weak self] in self?.see($0, at: layer) }
        }
        return try body()
    }

    private func see(_ x: Tensor, at layer: Linear) {
        let owner = owners[layer.path] ?? firstOwner(of: x, layer.path)
        owners[layer.path] = owner
        guard owner == layer.path else { return }
        let sketch = sketches[owner] ?? InputSketch(size: size, limit: limit)
        sketches[owner] = sketch
        sketch.add(x.reshape(-1, layer.inputCount))
    }

    /// Who had this input first; the layer itself where nobody did lately.
    private func firstOwner(of x: Tensor, _ path: String) -> String {
        if let found = recent.first(where: { $0.input === x }) { return found.owner }
        recent.append((x, path))
        if recent.count > 4 { recent.removeFirst() }
        return path
    }

    /// Writes what was seen.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - adapter: the file of the adapter that was active; the statistics are for it alone.
    /// - Throws: as `TensorFile.write` and reading the adapter's file.
    public func write(to path: String, adapter: String) throws {
        var tensors: [(name: String, tensor: Tensor)] = []
        for (owner, sketch) in sketches.sorted(by: { $0.key < $1.key }) {
            let rows = try withTorchErrors { sketch.result?.to(.bfloat16, on: .cpu).contiguous() }
            if let rows { tensors.append((owner, rows)) }
        }
        let metadata = try MergeStatistics.metadata(adapter: adapter, owners: owners)
        try TensorFile(tensors, metadata: metadata).write(to: path)
    }
}
