public import Torch

/// Adam, with decoupled weight decay (AdamW) or with the decay in the gradients.
///
/// With moments in 8 bits its steps are bitsandbytes'. Beside float32 the parameters are then, after fifty steps
/// with gradients that differ 32 times within a block, off by 4 % of the way they went (root mean square).
///
/// - Source: "Decoupled weight decay regularization", Loshchilov and Hutter, 2019; torch's defaults
///   but for epsilon, where ai-toolkit uses 1e-6; in 8 bits bitsandbytes' `AdamW8bit`.
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
        /// Whether the decay takes from the weights, not from the gradients.
        public var isDecoupled = true
        /// How the means are kept.
        public var precision = MomentPrecision.float32

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private let means: any Moments
    private let squares: any Moments
    private var counts: [Int]  // steps each parameter has had: bias correction is its own

    /// An optimizer for these parameters, in this order.
    public init(_ parameters: [Tensor], options: Options = Options()) {
        self.options = options
        means = options.precision.moments(of: parameters, signed: true)
        squares = options.precision.moments(of: parameters, signed: false)
        counts = Array(repeating: 0, count: parameters.count)
    }

    /// Adam or AdamW, and in how many bits.
    public var name: String {
        (options.isDecoupled ? "adamw" : "adam") + options.precision.suffix
    }

    /// Each parameter has a state of its own.
    public var stepsApart: Bool { true }

    /// One step in place; a parameter without a gradient is left alone.
    public func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        for index in gradients.indices where gradients[index] != nil { counts[index] += 1 }
        let parts = StepPart.parts(parameters, gradients, rates: rates) { counts[$0] }
        for part in parts {
            let mean = means.read(part.indices)
            let square = squares.read(part.indices)
            adamStep(
                parameters: part.parameters,
                gradients: part.gradients,
                means: mean,
                squares: square,
                step: counts[part.indices[0]],
                rate: part.rate,
                beta1: options.beta1,
                beta2: options.beta2,
                epsilon: options.epsilon,
                decay: options.decay,
                decoupled: options.isDecoupled
            )
            means.write(mean, at: part.indices)
            squares.write(square, at: part.indices)
        }
    }

    /// Means, squares and step counts.
    public var state: [(name: String, tensor: Tensor)] {
        means.state("mean") + squares.state("square") + [("counts", Tensor(counts))]
    }

    /// Takes back what `state` gave.
    public func restore(_ load: (String) throws -> Tensor) throws {
        try means.restore("mean", load)
        try squares.restore("square", load)
        counts = try load("counts").integers()
    }
}

extension MomentPrecision {
    /// What it adds to an optimizer's name.
    var suffix: String { self == .blocks ? "8bit" : "" }
}
