import Torch

/// Epsilon of the video VAE's norms.
let videoNormEpsilon = 1e-8

/// Two convolutions, each behind a norm and SiLU, added to what came in.
final class ResidualBlock {
    private let first: VideoConvolution
    private let second: VideoConvolution
    private let rows: VideoModulation?
    private let looksAhead: Bool

    /// Reads `conv1`, `conv2` and, where a noise level is told, `scale_shift_table` below the scope.
    init(
        _ weights: WeightScope,
        channels: Int,
        padding: Padding,
        looksAhead: Bool = false,
        level: VideoNoiseLevel? = nil
    ) {
        first = VideoConvolution(
            weights / "conv1",
            channels,
            channels,
            padding: padding,
            looksAhead: looksAhead
        )
        second = VideoConvolution(
            weights / "conv2",
            channels,
            channels,
            padding: padding,
            looksAhead: looksAhead
        )
        self.looksAhead = looksAhead
        rows = level.map {
            VideoModulation(weights, "scale_shift_table", rows: 4, channels: channels, $0)
        }
    }

    func callAsFunction(_ x: Tensor, _ history: FrameHistory) -> Tensor {
        guard looksAhead || rows != nil else {
            let outer = second(activating: first(activating: x, history), history)
            outer.add(x)
            return outer
        }
        let inner = first(activated(x, pair: 0), history)
        let outer = second(activated(inner, pair: 1), history)
        return history.delayed(x, count: outer.size(2), in: self) + outer
    }

    private func activated(_ x: Tensor, pair: Int) -> Tensor {
        let normal = x.pixelNormalized(epsilon: videoNormEpsilon)
        return (rows?(normal, pair: pair) ?? normal).silu()
    }
}
