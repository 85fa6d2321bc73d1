import Torch

/// The estimate that both D-adapted optimizers make of how far the parameters have to go.
struct DAdaptation {
    private(set) var estimate: Double
    private var numerator = 0.0
    private let decay: Double  // of the sums behind the estimate
    private let growth: Double

    init(start: Double, beta2: Double, growth: Double = .infinity) {
        estimate = start
        decay = beta2.squareRoot()
        self.growth = growth
    }

    /// Decay of the sums behind the estimate.
    var sumDecay: Double { decay }

    /// Takes in what a step gained and the size of the sums; false if nothing was learned.
    mutating func learn(gained: Double, size: Double) -> Bool {
        guard size > 0 else { return false }
        numerator = decay * numerator + (1 - decay) * gained
        estimate = max(estimate, min(numerator / ((1 - decay) * size), estimate * growth))
        return true
    }

    var state: [(name: String, tensor: Tensor)] {
        stateNumbers(["estimate": estimate, "numerator": numerator])
    }

    mutating func restore(_ load: (String) throws -> Tensor) throws {
        estimate = try load("estimate").item()
        numerator = try load("numerator").item()
    }
}
