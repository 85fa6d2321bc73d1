public import Torch

/// Which adapter a layer gets: kind and options in, adapter out.
public struct AdapterRecipe: Sendable {
    /// Kind of all layers but those of `fullIfContains`.
    public var kind = AdapterKind.lora
    /// Rank of the layers that `ranks` does not name.
    public var rank = 4
    /// Rank where sound is made; nil is `rank`.
    public var audioRank: Int?
    /// Ranks of layers whose name contains the key; the longest key that fits counts.
    public var ranks: [String: Int] = [:]
    /// Factor on updates of a rank.
    public var scale = 1.0
    /// What is left out while training.
    public var dropout = AdapterDropout.none
    /// Size of LoKr's first factor; -1 is the most balanced one.
    public var kroneckerFactor = -1
    /// Whether LoKr's second factor is whole.
    public var kroneckerIsFull = true
    /// Layers whose name contains one of these get a whole difference.
    public var fullIfContains: [String] = []

    /// LoRA of rank 4.
    public init() {}

    /// Kind of the adapter of a layer.
    public func kind(of path: String) -> AdapterKind {
        fullIfContains.contains { AdapterRules.matches(path, $0) } ? .fullrank : kind
    }

    /// Rank of the adapter of a layer.
    public func rank(of path: String) -> Int {
        let named = ranks.filter { AdapterRules.matches(path, $0.key) }
            .max { ($0.key.count, $0.key) < ($1.key.count, $1.key) }
        if let named { return named.value }
        return Pathway(path).writesAudio ? audioRank ?? rank : rank
    }

    /// Number of trained values of a layer's adapter, told from sizes alone.
    public func valueCount(_ path: String, input: Int, output: Int) -> Int {
        let rank = rank(of: path)
        switch kind(of: path) {
        case .lora: return LowRankUpdate.valueCount(input, output, rank: rank)
        case .dora: return MagnitudeAdapter.valueCount(input, output, rank: rank)
        case .loha: return HadamardAdapter.valueCount(input, output, rank: rank)
        case .lokr:
            return KroneckerShape(input, output, factor: kroneckerFactor)
                .valueCount(rank: rank, isFull: kroneckerIsFull)
        case .fullrank: return input * output
        }
    }

    /// A fresh adapter for a layer; with it the layer does what it did before.
    ///
    /// - Parameters:
    ///   - layer: what is adapted.
    ///   - random: what is drawn comes from here.
    ///   - device: where the adapter lives.
    ///   - activations: type in which the layer computes.
    /// - Returns: the adapter, not yet attached.
    public func adapter(
        for layer: Linear,
        random: RandomGenerator,
        device: Device,
        activations: DType
    ) -> any TrainableAdapter {
        let rank = rank(of: layer.path)
        switch kind(of: layer.path) {
        case .lora:
            return LowRankAdapter(
                for: layer,
                rank: rank,
                scale: scale,
                dropout: dropout,
                random: random,
                device: device
            )
        case .dora:
            return MagnitudeAdapter(
                for: layer,
                rank: rank,
                scale: scale,
                dropout: dropout,
                random: random,
                device: device,
                activations: activations
            )
        case .lokr:
            return KroneckerAdapter(
                for: layer,
                rank: kroneckerIsFull ? nil : rank,
                factor: kroneckerFactor,
                scale: scale,
                dropout: dropout,
                random: random,
                device: device
            )
        case .loha:
            return HadamardAdapter(
                for: layer,
                rank: rank,
                scale: scale,
                dropout: dropout,
                random: random,
                device: device
            )
        case .fullrank:
            return FullDifferenceAdapter(for: layer, dropout: dropout, device: device)
        }
    }
}
