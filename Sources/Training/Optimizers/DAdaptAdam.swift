public import Torch

/// Adam that finds its rate by D-Adaptation.
///
/// Where parameters have different rates, the largest one is the run's and the others are taken as shares of
/// it, as the original's `layer_scale`.
///
/// - Source: "Learning-rate-free learning by D-Adaptation", Defazio and Mishchenko, 2023; dadaptation's
///   `DAdaptAdam` but for epsilon, where ai-toolkit uses 1e-6.
public final class DAdaptAdam: Optimizer {
    /// What a run file may set under `optimizer_params`.
    public struct Options: Equatable, Sendable {
        /// Decay of the running mean.
        public var beta1 = 0.9
        /// Decay of the running square.
        public var beta2 = 0.999
        /// Keeps the division finite.
        public var epsilon = 1e-6
        /// Weight decay.
        public var decay = 0.0
        /// Whether the decay takes from the weights, not from the gradients.
        public var isDecoupled = false
        /// Whether the means are corrected for their start at zero.
        public var correctsBias = false
        /// First estimate.
        public var start = 1e-6
        /// Growth of the estimate in a step, at most.
        public var growth = Double.infinity

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private let means: FloatMoments
    private let squares: FloatMoments
    private let sums: FloatMoments
    private var distance: DAdaptation
    private var count = 0

    /// An optimizer for these parameters, in this order.
    public init(_ parameters: [Tensor], options: Options = Options()) {
        self.options = options
        means = FloatMoments(of: parameters)
        squares = FloatMoments(of: parameters)
        sums = FloatMoments(of: parameters)
        distance = DAdaptation(
            start: options.start,
            beta2: options.beta2,
            growth: options.growth
        )
    }

    /// Its name.
    public var name: String { "dadaptation" }

    /// The estimate.
    public var rateFactor: Double { distance.estimate }

    /// One step in place; a parameter without a gradient is left alone.
    public func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        guard let top = rates.max(), top > 0 else { return }
        let parts = StepPart.parts(parameters, gradients, rates: rates).filter { $0.rate > 0 }
        let done = Double(count + 1)
        let correction =
            options.correctsBias
            ? (1 - power(options.beta2, done)).squareRoot() / (1 - power(options.beta1, done)) : 1
        let rate = distance.estimate * top * correction
        var (gained, size) = (0.0, 0.0)
        for part in parts {
            let share = part.rate / top
            let found = learn(part, rate: rate, share: share)
            gained += share * rate * found.gained.item()
            size += share * found.size.item()
        }
        guard distance.learn(gained: gained, size: size) else { return }
        for part in parts { move(part, decay: options.decay * rate) }
        count += 1
    }

    private func learn(
        _ part: StepPart,
        rate: Double,
        share: Double
    ) -> (gained: Tensor, size: Tensor) {
        let (mean, square) = (means.read(part.indices), squares.read(part.indices))
        let (sum, decay) = (sums.read(part.indices), distance.sumDecay)
        if options.decay != 0, !options.isDecoupled {
            part.gradients.add(part.parameters, times: options.decay)
        }
        let scaled = sum.clone()
        scaled.divide(by: roots(of: square))
        let gained = part.gradients.dot(scaled)
        mean.scale(by: options.beta1)
        mean.add(part.gradients, times: share * rate * (1 - options.beta1))
        square.scale(by: options.beta2)
        square.addProduct(part.gradients, part.gradients, times: 1 - options.beta2)
        sum.scale(by: decay)
        sum.add(part.gradients, times: rate * (1 - decay))
        return (gained, sum.absoluteSum)
    }

    private func roots(of square: TensorList) -> TensorList {
        let roots = square.clone()
        roots.squareRoot()
        roots.add(options.epsilon)
        return roots
    }

    /// The rate is in the means already.
    private func move(_ part: StepPart, decay: Double) {
        if options.decay != 0, options.isDecoupled {
            part.parameters.add(part.parameters, times: -decay)
        }
        let (mean, square) = (means.read(part.indices), squares.read(part.indices))
        part.parameters.addQuotient(mean, roots(of: square), times: -1)
    }

    /// Means, squares, sums and the estimate.
    public var state: [(name: String, tensor: Tensor)] {
        means.state("mean") + squares.state("square") + sums.state("sum") + distance.state
            + stateNumbers(["count": Double(count)])
    }

    /// Takes back what `state` gave.
    public func restore(_ load: (String) throws -> Tensor) throws {
        try means.restore("mean", load)
        try squares.restore("square", load)
        try sums.restore("sum", load)
        try distance.restore(load)
        count = Int(try load("count").item())
    }
}
