public import Torch

/// All adapters of a model, attached to its linear layers.
public final class AdapterNetwork {
    /// One layer with its adapter.
    public struct Member {
        /// The adapted layer.
        public let layer: Linear
        /// What is trained.
        public let adapter: any TrainableAdapter
        /// Where the layer belongs.
        public let pathway: Pathway
    }

    /// Layers and adapters, in the model's order.
    public let members: [Member]

    /// Attaches an adapter, made by `make`, to every layer that the rules accept.
    ///
    /// - Throws: `AdapterError` if no layer is left.
    public init(
        layers: [Linear],
        rules: AdapterRules,
        make: (Linear) -> any TrainableAdapter
    ) throws(AdapterError) {
        members = layers.filter { rules.accept(layer: $0) }.map {
            Member(layer: $0, adapter: make($0), pathway: Pathway($0.path))
        }
        guard !members.isEmpty else { throw .noLayers(rules) }
        isAttached = true
        attach()
    }

    /// Whether the layers use their adapters; false shows the base model.
    public var isAttached: Bool {
        didSet { attach() }
    }

    /// Factor on everything the adapters do: 1, but for items with a weight of their own.
    public var strength = 1.0 {
        didSet {
            guard strength != oldValue else { return }
            spread()
        }
    }

    /// Further factors by pathway, for samples made while training: 1 in training itself.
    ///
    /// Where it is 0, layers are as if they had no adapter.
    public var pathwayStrengths = PathwayStrengths.whole {
        didSet {
            guard pathwayStrengths != oldValue else { return }
            spread()
            attach()
        }
    }

    private func spread() {
        for member in members {
            let own = pathwayStrengths.strength(of: member.layer.path)
            member.adapter.strength = strength * own
        }
    }

    private func attach() {
        for member in members {
            let isUsed = isAttached && pathwayStrengths.strength(of: member.layer.path) != 0
            member.layer.adapter = isUsed ? member.adapter : nil
        }
    }

    /// Runs code with the base model alone.
    public func detached<R>(_ body: () throws -> R) rethrows -> R {
        let before = isAttached
        isAttached = false
        defer { isAttached = before }
        return try body()
    }

    /// Everything the optimizer changes, in order.
    public var parameters: [Tensor] { members.flatMap { $0.adapter.parameters } }

    /// The pathway of each parameter, in the order of `parameters`.
    public var pathways: [Pathway] {
        members.flatMap { member in member.adapter.parameters.map { _ in member.pathway } }
    }

    /// How far the adapters of each pathway move their matrices: root mean square over all elements.
    public var changes: [Pathway: Double] {
        withoutGradients {
            Dictionary(grouping: members, by: \.pathway).mapValues { members in
                let norm = Tensor.totalNorm(members.map(\.adapter.changeNorm)).item()
                let count = members.reduce(0) { $0 + $1.layer.inputCount * $1.layer.outputCount }
                return norm / Double(count).squareRoot()
            }
        }
    }

    /// Number of trained values.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

    /// Tells the adapters that an optimizer changed their parameters.
    public func parametersChanged() {
        for member in members { member.adapter.parametersChanged() }
    }

    /// Draws what the next step leaves out; nil leaves out nothing (preservation passes, samples).
    public func prepareStep(random: RandomGenerator?) {
        for member in members { member.adapter.prepareStep(random: random) }
    }
}

/// Why adapters cannot be made or read.
public enum AdapterError: Error, Equatable, CustomStringConvertible {
    case noLayers(AdapterRules)
    case doesNotFit(file: String, problem: String, fix: String? = nil)
    case otherModel(file: String, layers: Set<String>)
    case unknownLayers(file: String, layers: Set<String>, known: Int)
    case taken(String)

    /// Where, what is, what should be, what to do.
    public var description: String {
        switch self {
        case .noLayers(let rules):
            "network: no layer matches only_if_contains \(rules.onlyIfContains ?? []) without "
                + "ignore_if_contains \(rules.ignoreIfContains); use parts of names such as "
                + "attn1, attn2, ff, audio_attn1, audio_to_video_attn"
        case .doesNotFit(let file, let problem, let fix):
            "\(file): \(problem); "
                + (fix ?? "use an adapter trained for this model and these layers")
        case .otherModel(let file, let layers):
            "\(file): is for another model, none of its layers is here: \(Self.shown(layers)); use an "
                + "adapter trained for this model"
        case .unknownLayers(let file, let layers, let known):
            "\(file): \(known) of its layers are in this model, these are not: \(Self.shown(layers)); use "
                + "an adapter trained for this model and its version"
        case .taken(let path):
            "\(path): has an adapter already, should have none before files are applied; take that off first"
        }
    }

    /// Some of the names, and how many there are besides.
    static func shown(_ layers: Set<String>) -> String {
        let rest = layers.count > 3 ? " and \(layers.count - 3) more" : ""
        return layers.sorted().prefix(3).joined(separator: ", ") + rest
    }
}
