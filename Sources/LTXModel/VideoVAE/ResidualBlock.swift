import Torch

/// Epsilon of the video VAE's norms.
let videoNormEpsilon = 1e-8

/// Two convolutions, each behind a norm and SiLU, added to what came in.
final class ResidualBlock {
    private let first: CausalConvolution
    private let second: CausalConvolution

    /// Reads `conv1` and `conv2` below the scope.
    init(_ weights: WeightScope, channels: Int, padding: Padding) {
        first = CausalConvolution(weights / "conv1", channels, channels, padding: padding)
        second = CausalConvolution(weights / "conv2", channels, channels, padding: padding)
    }

    func callAsFunction(_ x: Tensor, _ history: FrameHistory) -> Tensor {
        let inner = first(x.pixelNormalized(epsilon: videoNormEpsilon).silu(), history)
        return x + second(inner.pixelNormalized(epsilon: videoNormEpsilon).silu(), history)
    }
}
