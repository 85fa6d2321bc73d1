public import Torch

/// AdamW that needs no course of the rate: it takes gradients between its points and their mean.
///
/// The parameters are y, where gradients are taken; what is saved and measured is x, the mean of all z.
///
/// - Source: "The road less scheduled", Defazio et al., 2024; schedulefree's `AdamWScheduleFree` but for
///   epsilon, where ai-toolkit uses 1e-6.
public final class ScheduleFreeAdamW: Optimizer {
    /// What a run file may set under `optimizer_params`.
    public struct Options: Equatable, Sendable {
        /// Place between z (0) and x (1) at which gradients are taken; above 0.
        public var beta1 = 0.9
        /// Decay of the running square.
        public var beta2 = 0.999
        /// Keeps the division finite.
        public var epsilon = 1e-6
        /// Share of a weight that a step of rate 1 takes away.
        public var decay = 0.0
        /// Steps over which the rate rises from 0.
        public var warmupSteps = 0
        /// Power of the step's number in the weights of the mean.
        public var stepPower = 0.0
        /// Power of the rate in the weights of the mean.
        public var ratePower = 2.0

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private let points: FloatMoments  // z
    private let squares: FloatMoments
    private var count = 0
    private var weightSum = 0.0
    private var highestRate = -1.0

    /// An optimizer for these parameters, in this order, which begin as they are now.
    public init(_ parameters: [Tensor], options: Options = Options()) {
        self.options = options
        points = FloatMoments(copying: parameters)
        squares = FloatMoments(of: parameters)
    }

    /// Its name.
    public var name: String { "adamw_schedulefree" }

    /// One step in place; a parameter without a gradient is left alone.
    public func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        let done = Double(count + 1)
        let warmup = count < options.warmupSteps ? done / Double(options.warmupSteps) : 1
        // Rates of parameters differ by a factor at most, which the shares of the mean do not see.
        highestRate = max(highestRate, (rates.max() ?? 0) * warmup)
        let weight = power(done, options.stepPower) * power(highestRate, options.ratePower)
        weightSum += weight
        let share = weightSum > 0 ? weight / weightSum : 0
        let correction = 1 - power(options.beta2, done)
        for part in StepPart.parts(parameters, gradients, rates: rates) {
            step(part, rate: part.rate * warmup, share: share, correction: correction)
        }
        count += 1
    }

    private func step(_ part: StepPart, rate: Double, share: Double, correction: Double) {
        let square = squares.read(part.indices)
        let point = points.read(part.indices)
        square.scale(by: options.beta2)
        square.addProduct(part.gradients, part.gradients, times: 1 - options.beta2)
        let size = square.clone()
        size.scale(by: 1 / correction)
        size.squareRoot()
        size.add(options.epsilon)
        let direction = part.gradients
        direction.divide(by: size)
        if options.decay != 0 { direction.add(part.parameters, times: options.decay) }
        part.parameters.move(to: point, by: share)
        part.parameters.add(direction, times: rate * (options.beta1 * (1 - share) - 1))
        point.add(direction, times: -rate)
    }

    /// The mean of all points.
    public func averages(of parameters: [Tensor]) -> [Tensor]? {
        let averages = TensorList(parameters.map { $0.detach() }).clone()
        averages.move(
            to: points.read(Array(parameters.indices)),
            by: 1 - 1 / options.beta1
        )
        return averages.tensors
    }

    /// Points, squares and what the shares of the mean follow from.
    public var state: [(name: String, tensor: Tensor)] {
        points.state("point") + squares.state("square")
            + stateNumbers([
                "count": Double(count), "weight_sum": weightSum, "highest_rate": highestRate,
            ])
    }

    /// Takes back what `state` gave.
    public func restore(_ load: (String) throws -> Tensor) throws {
        try points.restore("point", load)
        try squares.restore("square", load)
        count = Int(try load("count").item())
        weightSum = try load("weight_sum").item()
        highestRate = try load("highest_rate").item()
    }
}
