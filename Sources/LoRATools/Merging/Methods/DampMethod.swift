import Torch

/// Magnitude apart from direction: what one adapter says far louder than the others is brought nearer to their mean.
///
/// A is scaled by `(mean / own)^strength`: the rank is that of the sum, and no matrix of the layer's size is made.
/// It does not tell loud by mistake from loud by right; it only makes louder ones quieter, unless `mayRaise` says
/// so. Over single columns it flattens what an adapter reads, so whole pathways are compared unless asked otherwise.
public struct DampMethod: MergeMethod {
    /// Over what a magnitude is taken.
    public enum Granularity: String, CaseIterable, Sendable {
        /// Each input channel of a layer.
        case column
        /// Each layer.
        case module
        /// All layers of a part of the model together: one factor for each file and pathway.
        case pathway
        /// All layers together: one factor for each file.
        case file

        /// Whether all layers must be measured before the first is merged.
        var spansLayers: Bool { self == .pathway || self == .file }
    }

    /// From 0, the exact sum, to 1, all magnitudes alike.
    public let strength: Double
    /// Over what a magnitude is taken.
    public let granularity: Granularity
    /// Whether quieter parts become louder too.
    public let mayRaise: Bool
    /// How much louder one adapter must be than another before anything is done.
    public let threshold: Double
    /// Share of an adapter's median below which a column counts as that share.
    public let least: Double

    /// - Parameters:
    ///   - strength: 0 to 1.
    ///   - granularity: over what a magnitude is taken.
    ///   - mayRaise: whether quieter parts become louder too.
    ///   - threshold: ratio of the loudest to the quietest from which something is done.
    ///   - least: share of an adapter's median below which a column counts as that share.
    public init(
        strength: Double = 0.5,
        granularity: Granularity = .pathway,
        mayRaise: Bool = false,
        threshold: Double = 1.5,
        least: Double = 1e-3
    ) {
        (self.strength, self.granularity, self.mayRaise) = (strength, granularity, mayRaise)
        (self.threshold, self.least) = (threshold, least)
    }

    /// `damp`.
    public var name: String { "damp" }

    /// Factors on the elements of A.
    public func mixing(of layer: MergeLayer) -> Mixing {
        guard strength > 0 else { return .none }
        let live = layer.live
        guard live.count > 1 else { return .alone }
        guard layer.loudness.ratio >= threshold else { return .none }
        guard granularity == .column else {
            let mean = Tensor.numbers([layer.loudness.mean])
            let magnitudes = layer.loudness.magnitudes.map { Tensor.numbers([$0]) }
            return scaling(layer, magnitudes, to: mean)
        }
        let magnitudes = layer.ranges.indices.map { columns($0, of: layer) }
        let sum = live.dropFirst().reduce(magnitudes[live[0]]) { $0 + magnitudes[$1] }
        return scaling(layer, magnitudes, to: sum / Double(live.count))
    }

    /// Factors by adapter from magnitudes `[in]`, or `[1]` for all columns alike.
    private func scaling(_ layer: MergeLayer, _ magnitudes: [Tensor], to mean: Tensor) -> Mixing {
        let factors = layer.ranges.enumerated().map { index, range in
            guard layer.isLive[index] else {
                return (mean * 0 + 1).unsqueeze(0).expand([range.count, mean.count])
            }
            let factor = (mean / magnitudes[index]).power(strength)
            return (mayRaise ? factor : factor.clamped(0, 1)).unsqueeze(0)
                .expand([range.count, mean.count])
        }
        return Mixing(elements: .concatenate(factors, axis: 0))
    }

    /// Length of each column of `Bᵢ Aᵢ`, `[in]`.
    private func columns(_ index: Int, of layer: MergeLayer) -> Tensor {
        let range = layer.ranges[index]
        let down = layer.down.rows(range)
        let image = layer.outputs.block(range, range).to(down.dtype).matmul(down)
        let lengths = (down * image).sum([0]).to(.float64).clamped(0, .infinity).squareRoot()
        guard least > 0 else { return lengths }
        return lengths.clamped(max(least * median(lengths), 1e-300), .infinity)
    }

    private func median(_ values: Tensor) -> Double {
        let sorted = values.doubles().sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
