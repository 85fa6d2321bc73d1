public import Torch

/// Where the passes of a step bring the gradients that they find.
public protocol GradientSink: AnyObject {
    /// Whether it is worth going back from this loss; asked before the first gradient.
    func accepts(_ loss: Tensor) -> Bool
    /// Takes in the gradient of a parameter.
    func add(_ gradient: Tensor, at index: Int)
    /// Told that all gradients of a block, or of what lies around the blocks, are there, and that nothing
    /// more depends on the values of its parameters.
    func finishSegment()
}

extension GradientSink {
    /// Adds other sums, times a factor.
    func add(_ other: GradientSums, factor: Double = 1) {
        for (index, gradient) in other.values.enumerated() {
            guard let gradient else { continue }
            add(factor == 1 ? gradient : gradient * factor, at: index)
        }
    }
}

/// Gradients of all trained parameters, summed over the passes of a step.
public final class GradientSums: GradientSink {
    private var sums: [Tensor?]

    /// Room for so many parameters.
    public init(count: Int) { sums = Array(repeating: nil, count: count) }

    /// Every loss: what comes of it is judged at the end.
    public func accepts(_ loss: Tensor) -> Bool { true }

    /// Adds a gradient to what is there.
    public func add(_ gradient: Tensor, at index: Int) {
        if let sum = sums[index] { sum.add(gradient) } else { sums[index] = gradient }
    }

    /// Sums wait for the end of the step.
    public func finishSegment() {}

    /// Norm of all gradients together.
    var norm: Double {
        let found = sums.compactMap(\.self)
        return found.isEmpty ? 0 : Tensor.totalNorm(found).item()
    }

    /// The gradient of each parameter; nil where no pass reached it.
    public var values: [Tensor?] { sums }
}
