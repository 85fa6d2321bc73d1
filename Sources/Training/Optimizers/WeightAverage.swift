public import Torch

/// Keeps a running mean of the parameters that another optimizer trains; the mean is what is saved.
public final class WeightAverage: Optimizer {
    /// What a run file may set under `ema_config`.
    public struct Options: Equatable, Sendable {
        /// Share of the mean that stays in a step.
        public var decay = 0.999
        /// Whether the parameters are pulled towards the mean as it is pulled towards them.
        public var hasFeedback = false
        /// Parameters are multiplied by this after each step.
        public var multiplier = 1.0

        /// The defaults.
        public init() {}
    }

    private let inner: any Optimizer
    private let options: Options
    private let means: FloatMoments

    /// Adds a mean to an optimizer; it begins as the parameters are now.
    public init(of parameters: [Tensor], _ inner: any Optimizer, options: Options = Options()) {
        self.inner = inner
        self.options = options
        means = FloatMoments(copying: parameters)
    }

    /// The optimizer's name and the mean.
    public var name: String { inner.name + " with a mean of the weights" }

    /// That of the optimizer.
    public var rateFactor: Double { inner.rateFactor }

    /// As the optimizer does.
    public var limitsItself: Bool { inner.limitsItself }

    /// A step of the optimizer, and one of the mean of all parameters.
    public func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        inner.step(parameters: parameters, gradients: gradients, rates: rates)
        for indices in StepPart.cut(Array(parameters.indices), parameters) {
            follow(TensorList(indices.map { parameters[$0] }), means.read(indices))
        }
    }

    private func follow(_ parameters: TensorList, _ mean: TensorList) {
        let change = mean.clone()
        change.add(parameters, times: -1)
        change.scale(by: 1 - options.decay)
        mean.add(change, times: -1)
        if options.hasFeedback { parameters.add(change) }
        if options.multiplier != 1 { parameters.scale(by: options.multiplier) }
    }

    /// The mean.
    public func averages(of parameters: [Tensor]) -> [Tensor]? {
        means.read(Array(parameters.indices)).tensors
    }

    /// State of the optimizer, and the mean.
    public var state: [(name: String, tensor: Tensor)] { inner.state + means.state("average") }

    /// Takes back what `state` gave.
    public func restore(_ load: (String) throws -> Tensor) throws {
        try inner.restore(load)
        try means.restore("average", load)
    }
}
