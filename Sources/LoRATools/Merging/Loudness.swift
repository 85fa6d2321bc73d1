/// How loud the adapters of a layer are: at this layer, or over more of the model.
public struct Loudness: Sendable, Equatable {
    /// `‖ΔW‖` of each adapter of the layer; over more layers the root mean square.
    public let magnitudes: [Double]
    /// Mean over the adapters that do something.
    public let mean: Double
    /// The loudest of them over the quietest.
    public let ratio: Double

    /// - Parameters:
    ///   - magnitudes: of the adapters of the layer, in their order.
    ///   - heard: of all adapters that do something, also of those that the layer lacks.
    public init(_ magnitudes: [Double], heard: [Double]) {
        self.magnitudes = magnitudes
        mean = heard.isEmpty ? 0 : heard.reduce(0, +) / Double(heard.count)
        guard let least = heard.min(), let most = heard.max(), least > 0 else {
            ratio = 1
            return
        }
        ratio = most / least
    }
}

/// How loud adapters are over all layers of a pathway, or of the whole merge.
///
/// Only layers count in which more than one adapter does something, and each adapter by the root mean square over
/// those that it has, so that a file is not louder for having more layers.
struct LoudnessTable: Sendable {
    private var sums: [String: [Int: Sum]] = [:]

    private struct Sum {
        var squares = 0.0
        var count = 0.0
    }

    /// Counts a layer.
    ///
    /// - Parameters:
    ///   - norms: `‖ΔW‖` by number of the adapter.
    ///   - group: the part of the model to which it belongs.
    mutating func add(_ norms: [Int: Double], to group: String) {
        let loudest = norms.values.max() ?? 0
        let heard = norms.filter { $0.value > MergeLayer.absent * loudest && $0.value > 0 }
        guard heard.count > 1 else { return }
        for (adapter, norm) in heard {
            sums[group, default: [:]][adapter, default: Sum()].squares += norm * norm
            sums[group, default: [:]][adapter, default: Sum()].count += 1
        }
    }

    /// What a layer of the group with these adapters is damped by; nil if nothing is known of one of them.
    func loudness(of adapters: [Int], in group: String) -> Loudness? {
        guard let sums = sums[group] else { return nil }
        let all = sums.mapValues { ($0.squares / $0.count).squareRoot() }
        let heard = all.sorted { $0.key < $1.key }.map(\.value)
        return Loudness(adapters.map { all[$0] ?? 0 }, heard: heard)
    }
}
