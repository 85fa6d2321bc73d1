public import Torch

/// Changes parameters by their gradients, and can be saved and resumed.
public protocol Optimizer: AnyObject {
    /// One step in place, with a rate for each parameter; one without a gradient is left alone.
    func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double])
    /// Everything that a resumed run needs, by name.
    var state: [(name: String, tensor: Tensor)] { get }
    /// Takes back what `state` gave; `load` reads a tensor by name.
    func restore(_ load: (String) throws -> Tensor) throws
}

/// AdamW with decoupled weight decay, states in float32.
///
/// - Source: "Decoupled weight decay regularization", Loshchilov and Hutter, 2019; torch's defaults
///   but for epsilon, where ai-toolkit uses 1e-6.
public final class AdamW: Optimizer {
    /// What a run file may set under `optimizer_params`.
    public struct Options: Equatable, Sendable {
        /// Decay of the running mean.
        public var beta1 = 0.9
        /// Decay of the running square.
        public var beta2 = 0.999
        /// Keeps the division finite.
        public var epsilon = 1e-6
        /// Share of a weight that a step of rate 1 takes away.
        public var decay = 0.01

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private var means: [Tensor]
    private var squares: [Tensor]
    private var counts: [Int]  // steps each parameter has had: bias correction is its own

    /// An optimizer for these parameters, in this order.
    public init(_ parameters: [Tensor], options: Options = Options()) {
        self.options = options
        means = parameters.map { .zeros($0.shape, device: $0.device) }
        squares = parameters.map { .zeros($0.shape, device: $0.device) }
        counts = Array(repeating: 0, count: parameters.count)
    }

    /// What parameters must share to go through one fused call.
    private struct Group: Hashable {
        var count: Int
        var rate: Double
    }

    /// One step in place; a parameter without a gradient is left alone.
    public func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        let reached = gradients.indices.filter { gradients[$0] != nil }
        for index in reached { counts[index] += 1 }
        let groups = Dictionary(grouping: reached) { Group(count: counts[$0], rate: rates[$0]) }
        for (key, group) in groups {
            adamWStep(
                parameters: group.map { parameters[$0] },
                gradients: group.compactMap { gradients[$0] },
                means: group.map { means[$0] },
                squares: group.map { squares[$0] },
                step: key.count,
                rate: key.rate,
                beta1: options.beta1,
                beta2: options.beta2,
                epsilon: options.epsilon,
                decay: options.decay
            )
        }
    }

    /// Means, squares and step counts.
    public var state: [(name: String, tensor: Tensor)] {
        means.enumerated().map { ("mean.\($0)", $1) }
            + squares.enumerated().map { ("square.\($0)", $1) } + [("counts", Tensor(counts))]
    }

    /// Takes back what `state` gave.
    public func restore(_ load: (String) throws -> Tensor) throws {
        for index in means.indices {
            means[index].copy(from: try load("mean.\(index)"))
            squares[index].copy(from: try load("square.\(index)"))
        }
        counts = try load("counts").integers()
    }
}
