import Adapters
import Torch

/// How much two adapters have in common, by what they read.
///
/// Principal cosines between the row spaces of both A of a layer: 1 means that both read the same direction.
/// Adapters that began with the same random A stay near 1, and adding them up then mixes them.
public struct LoRAComparison: Codable, Equatable, Sendable {
    /// What the cosines say of how both began; the limits are those of a study of public adapters.
    ///
    /// - Source: Pathak, Garg and Singh, "Initialisation Sets the Conditioning of LoRA Merging".
    public enum Start: String, Codable, Sendable {
        /// The median is above 0.9: one random A for both.
        case shared
        /// The median is below 0.5.
        case separate
        /// Between.
        case unclear
        /// The rank is so near the width of the layers that random matrices read the same directions too.
        case untold
    }

    /// Layers in which random directions have a cosine above this tell nothing.
    static let mostChance = 0.6

    /// A pathway.
    public struct Overlap: Codable, Equatable, Sendable {
        /// The part of the model.
        public var pathway: String
        /// Layers that both adapt.
        public var layers: Int
        /// Median of the principal cosines of what is read.
        public var medianCosine: Double
        /// Root mean square of the same.
        public var rmsCosine: Double
        /// What that would be for random directions: √(r/d).
        public var chance: Double
        /// `⟨ΔW₁, ΔW₂⟩ / (‖ΔW₁‖ ‖ΔW₂‖)` over the layers together: 1 the same change, -1 the opposite one.
        public var correlation: Double
    }

    /// By pathway.
    public var overlaps: [Overlap]
    /// Median over all layers that tell something; over all if none does.
    public var medianCosine: Double
    /// Layers of LoRAs that both files have.
    public var sharedLayers: Int

    /// What the median says.
    public var start: Start

    /// Compares the layers that both files adapt with a LoRA or DoRA.
    ///
    /// - Throws: `LoRAError` if there is none.
    public init(_ first: LoRAFile, _ second: LoRAFile) throws {
        let pairs = try Self.pairs(first, second)
        var found: [(Pathway, PairOverlap)] = []
        for (a, b) in pairs {
            try Task.checkCancellation()
            found.append((a.pathway, try PairOverlap(a, b)))
        }
        overlaps = Pathway.allCases.compactMap { pathway in
            Self.overlap(pathway, found.filter { $0.0 == pathway }.map(\.1))
        }
        let telling = found.map(\.1).filter { $0.chance <= Self.mostChance }
        let median = Self.median((telling.isEmpty ? found.map(\.1) : telling).flatMap(\.cosines))
        (medianCosine, sharedLayers) = (median, pairs.count)
        start =
            telling.isEmpty ? .untold : median > 0.9 ? .shared : median < 0.5 ? .separate : .unclear
    }

    private static func pairs(_ first: LoRAFile, _ second: LoRAFile) throws(LoRAError)
        -> [(LoRALayer, LoRALayer)]
    {
        let others = Dictionary(uniqueKeysWithValues: second.layers.map { ($0.path, $0) })
        let lowRank: Set<AdapterKind> = [.lora, .dora]
        let pairs = first.layers.compactMap { layer in others[layer.path].map { (layer, $0) } }
            .filter { lowRank.contains($0.0.kind) && lowRank.contains($0.1.kind) }
        guard !pairs.isEmpty else {
            throw LoRAError(
                at: second.path,
                "has no LoRA on a layer that \(first.path) has one on, some should be common",
                fix: "compare adapters of one model"
            )
        }
        for (a, b) in pairs where (a.inputCount, a.outputCount) != (b.inputCount, b.outputCount) {
            throw b.fault(
                "is for a matrix [\(b.outputCount), \(b.inputCount)], in \(first.path) it is "
                    + "[\(a.outputCount), \(a.inputCount)]; sizes should be equal",
                fix: "compare adapters of one model"
            )
        }
        return pairs
    }

    private static func overlap(_ pathway: Pathway, _ pairs: [PairOverlap]) -> Overlap? {
        guard !pairs.isEmpty else { return nil }
        let cosines = pairs.flatMap(\.cosines)
        func sum(_ value: (PairOverlap) -> Double) -> Double { pairs.reduce(0) { $0 + value($1) } }
        let lengths = (sum(\.firstSquare) * sum(\.secondSquare)).squareRoot()
        return Overlap(
            pathway: pathway.rawValue,
            layers: pairs.count,
            medianCosine: median(cosines),
            rmsCosine: rms(cosines),
            chance: rms(pairs.map(\.chance)),
            correlation: lengths > 0 ? sum(\.product) / lengths : 0
        )
    }

    private static func rms(_ values: [Double]) -> Double {
        (values.reduce(0) { $0 + $1 * $1 } / Double(max(values.count, 1))).squareRoot()
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

/// Two adapters of one layer.
private struct PairOverlap {
    let cosines: [Double]
    let chance: Double
    let product: Double
    let firstSquare: Double
    let secondSquare: Double

    init(_ a: LoRALayer, _ b: LoRALayer) throws {
        let (first, second) = (try a.factors(as: .float32), try b.factors(as: .float32))
        chance = (Double(max(first.rank, second.rank)) / Double(a.inputCount)).squareRoot()
        (cosines, product, firstSquare, secondSquare) = try withTorchErrors {
            (
                Self.cosines(first.down, second.down), Self.product(first, second),
                Self.product(first, first), Self.product(second, second)
            )
        }
    }

    private static func cosines(_ first: Tensor, _ second: Tensor) -> [Double] {
        func basis(_ down: Tensor) -> Tensor { down.transpose(0, 1).orthogonalTriangular().q }
        let (_, values, _) = basis(first).transpose(0, 1).matmul(basis(second)).singularValues()
        return values.doubles().map { min($0, 1) }
    }

    /// `⟨B₁A₁, B₂A₂⟩` with both scales, from two small products.
    private static func product(_ x: LowRankFactors, _ y: LowRankFactors) -> Double {
        let left = x.up.transpose(0, 1).matmul(y.up).to(.float64)
        let right = x.down.matmul(y.down.transpose(0, 1)).to(.float64)
        return (left * right).sum().item() * x.scale * y.scale
    }
}
