import Adapters
import Foundation
import LTXModel

/// What an adapter file is and does, in numbers.
public struct LoRAReport: Codable, Equatable, Sendable {
    /// The file.
    public var file: String
    /// Its size.
    public var bytes: Int
    /// How its names are spelled.
    public var dialect: String
    /// The model that it is for; absent if nothing says.
    public var version: String?
    /// Layers by kind of adapter.
    public var kinds: [String: Int]
    /// Layers by rank.
    public var ranks: [Int: Int]
    /// Layers by alpha; those without one are not counted.
    public var alphas: [String: Int]
    /// Stored types.
    public var types: [String]
    /// Number of stored values.
    public var values: Int
    /// Word that calls the character.
    public var trigger: String?
    /// Steps that it was trained for.
    public var steps: Int?
    /// What the file says of itself.
    public var metadata: [String: String]
    /// Norms by pathway.
    public var pathways: [PathwayReport]
    /// Norms by layer.
    public var layers: [LayerReport]
    /// Whether it hardly changes anything, see `nearZeroShare`.
    public var isNearZero: Bool

    /// A layer is dead if its norm is zero, or below this share of the largest one.
    public static let deadShare = 1e-6
    /// A file is near zero if no layer changes its matrix by more than this share of the length √rows that
    /// a matrix of its size has at the start of a training.
    public static let nearZeroShare = 1e-3

    /// Layers that do nothing.
    public var dead: [String] { layers.filter(\.isDead).map(\.path) }
    /// Layers with values that are not finite.
    public var broken: [String] { layers.filter { $0.norm == nil }.map(\.path) }
}

/// One layer of a report.
public struct LayerReport: Codable, Equatable, Sendable {
    /// Its name in the checkpoint.
    public var path: String
    /// The part of the model.
    public var pathway: String
    /// Its block, if any.
    public var block: Int?
    /// What kind of adapter it has.
    public var kind: String
    /// Rank, if the kind has one.
    public var rank: Int?
    /// alpha, if the file says one.
    public var alpha: Double?
    /// `‖ΔW‖`; absent where values are not finite.
    public var norm: Double?
    /// Whether it does nothing.
    public var isDead: Bool
}

/// One pathway of a report.
public struct PathwayReport: Codable, Equatable, Sendable {
    /// The part of the model.
    public var pathway: String
    /// How many layers.
    public var layers: Int
    /// `‖ΔW‖` over all its layers together.
    public var norm: Double
    /// The same for each block from 0 on; empty for layers that are in none.
    public var blocks: [Double]
}

extension LoRAReport {
    /// Measures a file; no matrix of a layer's size is made for a LoRA.
    ///
    /// - Parameters:
    ///   - file: the file to measure.
    ///   - progress: told layers done and layers in all.
    /// - Throws: what reading the file throws.
    public init(_ file: LoRAFile, progress: (Int, Int) -> Void = { _, _ in }) throws {
        var measures: [LayerMeasure] = []
        for layer in file.layers {
            try Task.checkCancellation()
            measures.append(try LayerMeasure(layer))
            progress(measures.count, file.layers.count)
        }
        let largest = measures.compactMap(\.norm).max() ?? 0
        let measured = Array(zip(file.layers, measures))
        layers = measured.map { layer, measure in
            LayerReport(layer, measure.norm, deadBelow: largest * Self.deadShare)
        }
        isNearZero = measured.allSatisfy { layer, measure in
            guard let norm = measure.norm else { return false }
            return norm <= Self.nearZeroShare * Double(layer.outputCount).squareRoot()
        }
        pathways = Pathway.allCases.compactMap { PathwayReport($0, measured) }
        (self.file, bytes, dialect) = (file.path, file.fileSize, file.dialect.rawValue)
        version = file.version?.rawValue
        metadata = file.metadata
        kinds = Self.counts(file.layers.map(\.kind.rawValue))
        ranks = Self.counts(file.layers.compactMap(\.rank))
        alphas = Self.counts(file.layers.compactMap { $0.alpha.map { String(format: "%g", $0) } })
        types = Set(file.layers.flatMap(\.storedTypes)).sorted()
        values = file.layers.reduce(0) { $0 + $1.valueCount }
        let facts = TrainingFacts(file.metadata)
        (trigger, steps) = (facts.trigger, facts.steps)
    }

    private static func counts<T: Hashable>(_ values: [T]) -> [T: Int] {
        Dictionary(grouping: values, by: \.self).mapValues(\.count)
    }
}

extension LayerReport {
    fileprivate init(_ layer: LoRALayer, _ norm: Double?, deadBelow limit: Double) {
        (path, pathway, block) = (layer.path, layer.pathway.rawValue, layer.block)
        (kind, rank, alpha) = (layer.kind.rawValue, layer.rank, layer.alpha)
        self.norm = norm
        isDead = norm.map { $0 == 0 || $0 < limit } ?? false
    }
}

extension PathwayReport {
    fileprivate init?(_ pathway: Pathway, _ measured: [(LoRALayer, LayerMeasure)]) {
        let own = measured.filter { $0.0.pathway == pathway }
        guard !own.isEmpty else { return nil }
        self.pathway = pathway.rawValue
        layers = own.count
        norm = Self.length(own)
        let count = (own.compactMap(\.0.block).max() ?? -1) + 1
        blocks = (0..<count).map { block in Self.length(own.filter { $0.0.block == block }) }
    }

    private static func length(_ measured: [(LoRALayer, LayerMeasure)]) -> Double {
        measured.reduce(0) { $0 + ($1.1.norm ?? 0) * ($1.1.norm ?? 0) }.squareRoot()
    }
}
