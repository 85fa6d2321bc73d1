public import Torch

/// Gradients of all trained parameters, summed over the passes of a step.
public final class GradientSums {
    private var sums: [Tensor?]

    /// Room for so many parameters.
    public init(count: Int) { sums = Array(repeating: nil, count: count) }

    func add(_ gradient: Tensor, at index: Int) {
        if let sum = sums[index] { sum.add(gradient) } else { sums[index] = gradient }
    }

    /// Adds other sums, times a factor.
    func add(_ other: GradientSums, factor: Double = 1) {
        for (index, gradient) in other.sums.enumerated() {
            guard let gradient else { continue }
            add(factor == 1 ? gradient : gradient * factor, at: index)
        }
    }

    /// Norm of all gradients together.
    var norm: Double {
        let found = sums.compactMap(\.self)
        return found.isEmpty ? 0 : Tensor.totalNorm(found).item()
    }

    /// The gradient of each parameter; nil where no pass reached it.
    public var values: [Tensor?] { sums }
}
