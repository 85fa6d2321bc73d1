public import Torch

/// Adam that estimates how far the parameters have to go, and so finds its rate.
///
/// The estimate `d` multiplies the rate, which is 1 as a rule. Where parameters have different rates, the
/// largest one is the run's and the others are taken as shares of it, in the estimate and in the step.
///
/// - Source: "Prodigy: an expeditiously adaptive parameter-free learner", Mishchenko and Defazio, 2024;
///   prodigyopt's defaults but for epsilon, where ai-toolkit uses 1e-6.
public final class Prodigy: Optimizer {
    /// What a run file may set under `optimizer_params`.
    public struct Options: Equatable, Sendable {
        /// Decay of the running mean.
        public var beta1 = 0.9
        /// Decay of the running square.
        public var beta2 = 0.999
        /// Decay of the sums behind the estimate; nil for the root of `beta2`.
        public var beta3: Double?
        /// Keeps the division finite.
        public var epsilon = 1e-6
        /// Weight decay.
        public var decay = 0.0
        /// Whether the decay takes from the weights, not from the gradients.
        public var isDecoupled = true
        /// Whether the means are corrected for their start at zero.
        public var correctsBias = false
        /// Whether a warm-up of the rate is left out of the estimate.
        public var guardsWarmup = false
        /// First estimate.
        public var start = 1e-6
        /// Factor of the estimate.
        public var coefficient = 1.0
        /// Growth of the estimate in a step, at most.
        public var growth = Double.infinity
        /// How the means are kept.
        public var precision = MomentPrecision.float32

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private let beta3: Double
    private let means: any Moments
    private let squares: any Moments
    private let sums: any Moments
    private let starts: [Tensor?]  // where the parameters began; nil for zero, as adapters' B
    private var estimate: Double
    private var largest: Double
    private var numerator = 0.0
    private var count = 0

    /// An optimizer for these parameters, in this order, which begin as they are now.
    public init(_ parameters: [Tensor], options: Options = Options()) {
        self.options = options
        beta3 = options.beta3 ?? options.beta2.squareRoot()
        means = options.precision.moments(of: parameters, signed: true)
        squares = options.precision.moments(of: parameters, signed: false)
        sums = options.precision.moments(of: parameters, signed: true)
        starts = parameters.map { parameter in
            let isZero = TensorList([parameter.detach()]).absoluteSum.item() == 0
            return isZero ? nil : parameter.detach().clone()
        }
        estimate = options.start
        largest = options.start
    }

    /// Its name, and in how many bits.
    public var name: String { "prodigy" + options.precision.suffix }

    /// The estimate.
    public var rateFactor: Double { estimate }

    /// One step in place; a parameter without a gradient is left alone.
    public func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        guard let top = rates.max(), top > 0 else { return }
        let parts = StepPart.parts(parameters, gradients, rates: rates).filter { $0.rate > 0 }
        let done = Double(count + 1)
        let correction =
            options.correctsBias
            ? (1 - power(options.beta2, done)).squareRoot() / (1 - power(options.beta1, done)) : 1
        let rate = estimate * top * correction
        guard learn(parts, rate: rate, top: top) else { return }
        for part in parts { move(part, rate: rate * part.rate / top) }
        count += 1
    }

    /// Takes in the gradients; false if all are zero.
    private func learn(_ parts: [StepPart], rate: Double, top: Double) -> Bool {
        var gained = 0.0
        var size = 0.0
        for part in parts {
            let found = learn(part, rate: rate)
            gained += part.rate / top * found.gained.item()
            size += part.rate / top * found.size.item()
        }
        guard size > 0 else { return false }
        numerator = beta3 * numerator + estimate / options.start * rate * gained
        let hint = options.coefficient * numerator / size
        if estimate == options.start { estimate = max(estimate, hint) }
        largest = max(largest, hint)
        estimate = min(largest, estimate * options.growth)
        return true
    }

    private func learn(_ part: StepPart, rate: Double) -> (gained: Tensor, size: Tensor) {
        if options.decay != 0, !options.isDecoupled {
            part.gradients.add(part.parameters, times: options.decay)
        }
        let gained = part.gradients.dot(distance(of: part))
        let mean = means.read(part.indices)
        mean.scale(by: options.beta1)
        mean.add(part.gradients, times: estimate * (1 - options.beta1))
        means.write(mean, at: part.indices)
        let square = squares.read(part.indices)
        square.scale(by: options.beta2)
        let share = estimate * estimate * (1 - options.beta2)
        square.addProduct(part.gradients, part.gradients, times: share)
        squares.write(square, at: part.indices)
        let sum = sums.read(part.indices)
        sum.scale(by: beta3)
        let weight = options.guardsWarmup ? estimate : rate
        sum.add(part.gradients, times: estimate / options.start * weight)
        sums.write(sum, at: part.indices)
        return (gained, sum.absoluteSum)
    }

    /// From where the parameters are to where they began.
    private func distance(of part: StepPart) -> TensorList {
        let distance = part.parameters.clone()
        distance.scale(by: -1)
        let moved = zip(distance.tensors, part.indices).filter { starts[$0.1] != nil }
        TensorList(moved.map(\.0)).add(TensorList(moved.compactMap { starts[$0.1] }))
        return distance
    }

    private func move(_ part: StepPart, rate: Double) {
        let size = squares.read(part.indices).clone()
        size.squareRoot()
        size.add(estimate * options.epsilon)
        if options.decay != 0, options.isDecoupled {
            part.parameters.add(part.parameters, times: -options.decay * rate)
        }
        if options.beta1 > 0 {
            part.parameters.addQuotient(means.read(part.indices), size, times: -rate)
        } else {
            part.parameters.addQuotient(part.gradients, size, times: -rate * estimate)
        }
    }

    /// Means, squares, sums, where the parameters began, and the estimate.
    public var state: [(name: String, tensor: Tensor)] {
        means.state("mean") + squares.state("square") + sums.state("sum")
            + starts.enumerated().compactMap { index, start in
                start.map { ("start.\(index)", $0) }
            }
            + stateNumbers([
                "estimate": estimate, "largest": largest, "numerator": numerator,
                "count": Double(count),
            ])
    }

    /// Takes back what `state` gave.
    public func restore(_ load: (String) throws -> Tensor) throws {
        try means.restore("mean", load)
        try squares.restore("square", load)
        try sums.restore("sum", load)
        for (index, start) in starts.enumerated() {
            start?.copy(from: try load("start.\(index)"))
        }
        estimate = try load("estimate").item()
        largest = try load("largest").item()
        numerator = try load("numerator").item()
        count = Int(try load("count").item())
    }
}
