public import Torch

/// Linear, GELU (tanh form), Linear; the inner width is four times the outer one.
public final class FeedForward {
    private let widen: Linear
    private let narrow: Linear

    /// Reads `net.0.proj` and `net.2`.
    public init(_ weights: WeightScope, width: Int, bias: Bool = true) {
        widen = Linear(weights / "net.0.proj", width, 4 * width, bias: bias)
        narrow = Linear(weights / "net.2", 4 * width, width, bias: bias)
    }

    /// The linear layers, for adapters.
    var linears: [Linear] { [widen, narrow] }

    /// Applies the layer to `x` `[B, T, D]`; without values the output only serves to go back from.
    public func callAsFunction(_ x: Tensor, hasValues: Bool = true) -> Tensor {
        Linear.outputs(of: [narrow], for: widen(x).gelu(), hasValues: hasValues)[0]
    }
}
