import Foundation
import Torch

/// How far the codes of a transformer are from the numbers that they were made of, by kind of layer.
public struct QuantizationReport {
    /// Layers of one kind in all blocks.
    public struct Row: Equatable, Sendable {
        /// Attention or feed-forward, as the checkpoint calls it.
        public let kind: String
        /// How many layers are in codes.
        public internal(set) var layers = 0
        /// Bytes of their codes and scales.
        public internal(set) var bytes = 0
        var signal = 0.0
        var noise = 0.0

        /// Energy of the weights over energy of their errors, in decibels.
        public var decibels: Double { 10 * log10(signal / noise) }
    }

    /// One row for each kind, in the order of a block.
    public private(set) var rows: [Row] = []

    /// Compares each layer that is in codes with what the checkpoint has; one layer at a time.
    public init(_ model: Transformer, of checkpoint: Checkpoint) throws {
        let weights = try checkpoint.weights(.transformer)
        for layer in model.blockLinears {
            guard let packed = layer.weight as? any PackedWeight else { continue }
            let stored = try weights.load(layer.path + ".weight")
            guard stored.dtype.byteWidth > 1 else { continue }
            try withTorchErrors { add(layer, packed, stored) }
        }
    }

    private mutating func add(_ layer: Linear, _ packed: any PackedWeight, _ stored: Tensor) {
        let exact = stored.to(.float32, on: packed.tensors.first?.device)
        let error = packed.dense(.float32) - exact
        // transformer_blocks.7.attn1.to_q is of kind attn1.
        let parts = layer.path.split(separator: ".")
        let kind = parts.count > 2 ? String(parts[2]) : layer.path
        let place = rows.firstIndex { $0.kind == kind } ?? rows.count
        if place == rows.count { rows.append(Row(kind: kind)) }
        rows[place].layers += 1
        rows[place].bytes += packed.byteCount
        rows[place].signal += (exact * exact).sum().item()
        rows[place].noise += (error * error).sum().item()
    }
}
