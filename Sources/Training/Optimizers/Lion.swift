public import Torch

/// Steps of the same length for every element: the sign of a mean of its gradients.
///
/// - Source: "Symbolic discovery of optimization algorithms", Chen et al., 2023; lion_pytorch's defaults.
public final class Lion: Optimizer {
    /// What a run file may set under `optimizer_params`.
    public struct Options: Equatable, Sendable {
        /// Share of the mean in a step's direction.
        public var beta1 = 0.9
        /// Decay of the mean.
        public var beta2 = 0.99
        /// Share of a weight that a step of rate 1 takes away.
        public var decay = 0.0
        /// How the mean is kept.
        public var precision = MomentPrecision.float32

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private let means: any Moments

    /// An optimizer for these parameters, in this order.
    public init(_ parameters: [Tensor], options: Options = Options()) {
        self.options = options
        means = options.precision.moments(of: parameters, signed: true)
    }

    /// Its name, and in how many bits.
    public var name: String { "lion" + options.precision.suffix }

    /// Each parameter has a state of its own.
    public var stepsApart: Bool { true }

    /// One step in place; a parameter without a gradient is left alone.
    public func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        for part in StepPart.parts(parameters, gradients, rates: rates) {
            let mean = means.read(part.indices)
            let direction = mean.clone()
            direction.scale(by: options.beta1)
            direction.add(part.gradients, times: 1 - options.beta1)
            direction.sign()
            part.parameters.scale(by: 1 - part.rate * options.decay)
            part.parameters.add(direction, times: -part.rate)
            mean.scale(by: options.beta2)
            mean.add(part.gradients, times: 1 - options.beta2)
            means.write(mean, at: part.indices)
        }
    }

    /// The means.
    public var state: [(name: String, tensor: Tensor)] { means.state("mean") }

    /// Takes back what `state` gave.
    public func restore(_ load: (String) throws -> Tensor) throws {
        try means.restore("mean", load)
    }
}
