public import Torch

/// Lion that finds its rate by D-Adaptation.
///
/// Where parameters have different rates, the largest one is the run's and the others are taken as shares of it.
///
/// - Source: "Learning-rate-free learning by D-Adaptation", Defazio and Mishchenko, 2023; dadaptation's
///   `DAdaptLion`.
public final class DAdaptLion: Optimizer {
    /// What a run file may set under `optimizer_params`.
    public struct Options: Equatable, Sendable {
        /// Share of the mean in a step's direction.
        public var beta1 = 0.9
        /// Decay of the mean.
        public var beta2 = 0.99
        /// Share of a weight that a step of rate 1 takes away.
        public var decay = 0.0
        /// First estimate.
        public var start = 1e-6

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private let means: FloatMoments
    private let sums: FloatMoments
    private var distance: DAdaptation

    /// An optimizer for these parameters, in this order.
    public init(_ parameters: [Tensor], options: Options = Options()) {
        self.options = options
        means = FloatMoments(of: parameters)
        sums = FloatMoments(of: parameters)
        distance = DAdaptation(start: options.start, beta2: options.beta2)
    }

    /// Its name.
    public var name: String { "dadaptationlion" }

    /// The estimate.
    public var rateFactor: Double { distance.estimate }

    /// One step in place; a parameter without a gradient is left alone.
    public func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        guard let top = rates.max(), top > 0 else { return }
        let parts = StepPart.parts(parameters, gradients, rates: rates).filter { $0.rate > 0 }
        let rate = distance.estimate * top
        var (gained, size) = (0.0, 0.0)
        for part in parts {
            let share = part.rate / top
            let found = step(part, rate: share * rate)
            gained += share * rate * found.gained.item()
            size += found.size.item()
        }
        _ = distance.learn(gained: gained, size: size)
    }

    private func step(_ part: StepPart, rate: Double) -> (gained: Tensor, size: Tensor) {
        let mean = means.read(part.indices)
        let sum = sums.read(part.indices)
        let decay = distance.sumDecay
        part.parameters.scale(by: 1 - rate * options.decay)
        let direction = mean.clone()
        direction.scale(by: options.beta1)
        direction.add(part.gradients, times: 1 - options.beta1)
        direction.sign()
        part.parameters.add(direction, times: -rate)
        mean.scale(by: options.beta2)
        mean.add(part.gradients, times: (1 - options.beta2) * rate)
        let gained = direction.dot(sum)
        sum.scale(by: decay)
        sum.add(direction, times: (1 - decay) * rate)
        return (gained, sum.absoluteSum)
    }

    /// Means, sums and the estimate.
    public var state: [(name: String, tensor: Tensor)] {
        means.state("mean") + sums.state("sum") + distance.state
    }

    /// Takes back what `state` gave.
    public func restore(_ load: (String) throws -> Tensor) throws {
        try means.restore("mean", load)
        try sums.restore("sum", load)
        try distance.restore(load)
    }
}
