import Torch

// Axes: B batch, C channels, T frames, H rows, W columns.

/// A 3×3×3 convolution that keeps the size; in time it looks back, or both ways.
final class VideoConvolution {
    private let weight: Tensor  // [out, in, 3, 3, 3]
    private let bias: Tensor  // [out]
    private let padding: Padding
    private let looksAhead: Bool

    /// Reads `conv.weight` and `conv.bias` below the scope.
    init(
        _ weights: WeightScope,
        _ inputCount: Int,
        _ outputCount: Int,
        padding: Padding,
        looksAhead: Bool
    ) {
        let stored = weights.tensor("conv.weight", [outputCount, inputCount, 3, 3, 3])
        weight = looksAhead ? stored : stored.channelsSideBySide()
        bias = weights.tensor("conv.bias", [outputCount])
        self.padding = padding
        self.looksAhead = looksAhead
    }

    /// Type of the weights.
    var dtype: DType { weight.dtype }

    /// Looks back two frames: those of the piece before, or the first frame repeated.
    ///
    /// One that looks ahead repeats the first frame once, and the last frame of all once.
    func callAsFunction(_ x: Tensor, _ history: FrameHistory) -> Tensor {
        guard x.size(2) > 0 else { return nothing(like: x) }
        return convolved(extended(x, history), history, like: x)
    }

    /// Convolves the SiLU of what came in, divided by each pixel's root mean square; looks back only.
    func callAsFunction(activating x: Tensor, _ history: FrameHistory) -> Tensor {
        let before = history.tail(of: self)
        let long = x.activatedFrames(after: before, lead: 2, epsilon: videoNormEpsilon)
        return convolved(long, history, like: x)
    }

    private func convolved(_ long: Tensor, _ history: FrameHistory, like x: Tensor) -> Tensor {
        let kept = min(2, long.size(2))
        history.keep(long.narrow(2, from: long.size(2) - kept, count: kept), for: self)
        return long.size(2) > 2 ? convolved(long) : nothing(like: x)
    }

    private func extended(_ x: Tensor, _ history: FrameHistory) -> Tensor {
        let first = x.narrow(2, from: 0, count: 1)
        let start = looksAhead ? [first] : [first, first]
        var parts = (history.tail(of: self).map { [$0] } ?? start) + [x]
        if looksAhead && history.isLast {
            parts.append(x.narrow(2, from: x.size(2) - 1, count: 1))
        }
        return Tensor.concatenate(parts, axis: 2)
    }

    /// No frames at all, of as many channels as come out.
    private func nothing(like x: Tensor) -> Tensor {
        let shape = [x.size(0), bias.size(0), 0, x.size(3), x.size(4)]
        return Tensor.zeros(shape, dtype: x.dtype, device: x.device)
    }

    /// Convolves `[B, C, T + 2, H, W]` to `[B, out, T, H, W]`.
    private func convolved(_ x: Tensor) -> Tensor {
        guard padding != .zeros else {
            return x.convolution(weight, bias: bias, padding: [0, 1, 1])
        }
        return x.padded([1, 1, 1, 1, 0, 0], padding).convolution(weight, bias: bias)
    }
}

extension Tensor {
    /// Divides each pixel's channels (axis 1) by their root mean square.
    func pixelNormalized(epsilon: Double) -> Tensor {
        self * ((self * self).mean([1], keep: true) + epsilon).reciprocalSquareRoot()
    }
}
