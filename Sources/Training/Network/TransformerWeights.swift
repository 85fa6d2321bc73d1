public import Adapters
public import LTXModel
import Safetensors
public import Torch

/// The transformer's own weights, as what a run trains.
public final class TransformerWeights: TrainedNetwork {
    private let all: [NamedWeight]
    private let trained: [NamedWeight]
    private let fileMetadata: [String: String]
    /// The weights that change, in order of their names.
    public let parameters: [Tensor]
    /// The pathway of each of them.
    public let pathways: [Pathway]

    /// Makes weights trainable.
    ///
    /// - Parameters:
    ///   - weights: all of the transformer's.
    ///   - rules: which of them are trained.
    ///   - metadata: of the files that will be written, beside that of the run.
    /// - Throws: `NoWeightsError` if no weight is left.
    public init(
        _ weights: [NamedWeight],
        rules: WeightRules,
        metadata: [String: String]
    ) throws {
        all = weights
        trained = weights.filter { rules.accept($0.name, storedName: $0.storedName) }
        fileMetadata = metadata
        guard !trained.isEmpty else { throw NoWeightsError(rules) }
        parameters = trained.map(\.tensor)
        pathways = trained.map { Pathway(weight: $0.name) }
        try withTorchErrors { for parameter in parameters { parameter.requiresGradient = true } }
    }

    /// Number of trained values.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

    /// Names, types and shapes of all trained weights.
    public var stateDescription: String {
        let text = trained.map { "\($0.name)\($0.tensor.dtype)\($0.tensor.shape)" }
        return "\(trained.count) weights, \(parameterCount) values, "
            + StableHash(text.joined(separator: ";")).description
    }

    /// The parameters by the blocks that they lie in.
    public func layout(where learns: (Pathway) -> Bool) -> ParameterLayout {
        var blocks: [Int: [(Int, Tensor)]] = [:]
        var ends: [(Int, Tensor)] = []
        for (index, weight) in trained.enumerated() where learns(pathways[index]) {
            if let block = Self.block(of: weight.name) {
                blocks[block, default: []].append((index, weight.tensor))
            } else {
                ends.append((index, weight.tensor))
            }
        }
        return ParameterLayout(blocks: blocks, ends: ends)
    }

    private static func block(of name: String) -> Int? {
        let parts = name.split(separator: ".", maxSplits: 2)
        return parts.first == "transformer_blocks" && parts.count > 1 ? Int(parts[1]) : nil
    }

    // MARK: - What only adapters have

    /// The weights before the first step are overwritten.
    public var keepsBase: Bool { false }

    /// Runs code with the weights as they are.
    public func detached<R>(_ body: () throws -> R) rethrows -> R { try body() }

    /// Not known: the weights before the first step are not kept.
    public var changes: [Pathway: Double] { [:] }

    /// Weights have no strength: run files that ask for one are refused.
    public var strength = 1.0

    /// Nothing is derived from weights.
    public func parametersChanged() {}

    /// Weights leave nothing out.
    public func prepareStep(random: RandomGenerator?) {}

    // MARK: - Files

    /// Writes the whole transformer under the original names, one weight after the other.
    public func write(to path: String, _ save: SaveOptions, metadata: [String: String]) throws {
        let entries = all.map {
            SafetensorsEntry(
                name: Checkpoint.transformerPrefix + $0.name,
                dtype: save.dtype.stored,
                shape: $0.tensor.shape
            )
        }
        let writer = try SafetensorsWriter(
            path: path,
            entries: entries,
            metadata: fileMetadata.merging(metadata) { original, _ in original }
        )
        for (weight, entry) in zip(all, entries) {
            let bytes = try withTorchErrors { weight.tensor.detach().to(save.dtype).bytes() }
            try bytes.withUnsafeBytes { try writer.write(entry.name, $0) }
        }
        try writer.finish()
    }
}
