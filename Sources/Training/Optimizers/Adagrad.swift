public import Torch

/// Rates that fall with the sum of an element's squared gradients.
///
/// - Source: "Adaptive subgradient methods", Duchi et al., 2011; torch's defaults.
public final class Adagrad: Optimizer {
    /// What a run file may set under `optimizer_params`.
    public struct Options: Equatable, Sendable {
        /// The rate is divided by one and this times the steps done.
        public var rateDecay = 0.0
        /// Keeps the division finite.
        public var epsilon = 1e-10
        /// Share of the weights that is added to the gradients.
        public var decay = 0.0

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private let sums: FloatMoments
    private var counts: [Int]

    /// An optimizer for these parameters, in this order.
    public init(_ parameters: [Tensor], options: Options = Options()) {
        self.options = options
        sums = FloatMoments(of: parameters)
        counts = Array(repeating: 0, count: parameters.count)
    }

    /// Its name.
    public var name: String { "adagrad" }

    /// Each parameter has a state of its own.
    public var stepsApart: Bool { true }

    /// One step in place; a parameter without a gradient is left alone.
    public func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        for part in StepPart.parts(parameters, gradients, rates: rates, apart: { counts[$0] }) {
            if options.decay != 0 { part.gradients.add(part.parameters, times: options.decay) }
            let sum = sums.read(part.indices)
            sum.addProduct(part.gradients, part.gradients, times: 1)
            let size = sum.clone()
            size.squareRoot()
            size.add(options.epsilon)
            let done = Double(counts[part.indices[0]])
            let rate = part.rate / (1 + done * options.rateDecay)
            part.parameters.addQuotient(part.gradients, size, times: -rate)
        }
        for index in gradients.indices where gradients[index] != nil { counts[index] += 1 }
    }

    /// Sums and step counts.
    public var state: [(name: String, tensor: Tensor)] {
        sums.state("sum") + [("counts", Tensor(counts))]
    }

    /// Takes back what `state` gave.
    public func restore(_ load: (String) throws -> Tensor) throws {
        try sums.restore("sum", load)
        counts = try load("counts").integers()
    }
}
