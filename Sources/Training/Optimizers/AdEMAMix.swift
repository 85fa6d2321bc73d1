public import Torch

/// Adam with a second, slow mean of the gradients.
///
/// - Source: "The AdEMAMix optimizer: better, faster, older", Pagliardini et al., 2024; bitsandbytes'
///   `AdEMAMix8bit` without its warm-ups of `alpha` and `beta3`.
public final class AdEMAMix: Optimizer {
    /// What a run file may set under `optimizer_params`.
    public struct Options: Equatable, Sendable {
        /// Decay of the running mean.
        public var beta1 = 0.9
        /// Decay of the running square.
        public var beta2 = 0.999
        /// Decay of the slow mean.
        public var beta3 = 0.9999
        /// Weight of the slow mean.
        public var alpha = 5.0
        /// Keeps the division finite.
        public var epsilon = 1e-6
        /// Share of a weight that a step of rate 1 takes away.
        public var decay = 0.01
        /// How the means are kept.
        public var precision = MomentPrecision.blocks

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private let means: any Moments
    private let slowMeans: any Moments
    private let squares: any Moments
    private var counts: [Int]

    /// An optimizer for these parameters, in this order.
    public init(_ parameters: [Tensor], options: Options = Options()) {
        self.options = options
        means = options.precision.moments(of: parameters, signed: true)
        slowMeans = options.precision.moments(of: parameters, signed: true)
        squares = options.precision.moments(of: parameters, signed: false)
        counts = Array(repeating: 0, count: parameters.count)
    }

    /// Its name, and in how many bits.
    public var name: String { "ademamix" + options.precision.suffix }

    /// Each parameter has a state of its own.
    public var stepsApart: Bool { true }

    /// One step in place; a parameter without a gradient is left alone.
    public func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        for index in gradients.indices where gradients[index] != nil { counts[index] += 1 }
        for part in StepPart.parts(parameters, gradients, rates: rates, apart: { counts[$0] }) {
            step(part, count: Double(counts[part.indices[0]]))
        }
    }

    private func step(_ part: StepPart, count: Double) {
        let mean = means.read(part.indices)
        let slow = slowMeans.read(part.indices)
        let square = squares.read(part.indices)
        mean.scale(by: options.beta1)
        mean.add(part.gradients, times: 1 - options.beta1)
        slow.scale(by: options.beta3)
        slow.add(part.gradients, times: 1 - options.beta3)
        square.scale(by: options.beta2)
        square.addProduct(part.gradients, part.gradients, times: 1 - options.beta2)

        let direction = mean.clone()
        direction.scale(by: 1 / (1 - power(options.beta1, count)))
        direction.add(slow, times: options.alpha)
        let size = square.clone()
        size.squareRoot()
        size.scale(by: 1 / (1 - power(options.beta2, count)).squareRoot())
        size.add(options.epsilon)
        part.parameters.scale(by: 1 - part.rate * options.decay)
        part.parameters.addQuotient(direction, size, times: -part.rate)

        means.write(mean, at: part.indices)
        slowMeans.write(slow, at: part.indices)
        squares.write(square, at: part.indices)
    }

    /// Means, squares and step counts.
    public var state: [(name: String, tensor: Tensor)] {
        means.state("mean") + slowMeans.state("slow") + squares.state("square")
            + [("counts", Tensor(counts))]
    }

    /// Takes back what `state` gave.
    public func restore(_ load: (String) throws -> Tensor) throws {
        try means.restore("mean", load)
        try slowMeans.restore("slow", load)
        try squares.restore("square", load)
        counts = try load("counts").integers()
    }
}
