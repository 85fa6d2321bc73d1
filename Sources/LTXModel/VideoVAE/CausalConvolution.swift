import Torch

// Axes: B batch, C channels, T frames, H rows, W columns.

/// The frames that each convolution saw last, so that a long video can be encoded piece by piece.
///
/// A causal convolution looks back only. Where the piece before ended is all it needs to know, and
/// the result is that of the whole video at once.
final class FrameHistory {
    private var tails: [ObjectIdentifier: Tensor] = [:]

    /// The frames kept for a layer; nil in the first piece.
    func tail(of layer: AnyObject) -> Tensor? { tails[ObjectIdentifier(layer)] }

    /// Keeps frames for the next piece; they are copied, so that the rest of the piece is freed.
    func keep(_ frames: Tensor, for layer: AnyObject) {
        tails[ObjectIdentifier(layer)] = frames.clone()
    }
}

/// A 3×3×3 convolution that keeps the size; in time it looks back only.
final class CausalConvolution {
    private let weight: Tensor  // [out, in, 3, 3, 3]
    private let bias: Tensor  // [out]
    private let padding: Padding

    /// Reads `conv.weight` and `conv.bias` below the scope.
    init(_ weights: WeightScope, _ inputCount: Int, _ outputCount: Int, padding: Padding) {
        weight = weights.tensor("conv.weight", [outputCount, inputCount, 3, 3, 3])
        bias = weights.tensor("conv.bias", [outputCount])
        self.padding = padding
    }

    /// Looks back two frames: those of the piece before, or the first frame repeated.
    func callAsFunction(_ x: Tensor, _ history: FrameHistory) -> Tensor {
        let first = x.narrow(2, from: 0, count: 1)
        let before = history.tail(of: self) ?? Tensor.concatenate([first, first], axis: 2)
        let long = Tensor.concatenate([before, x], axis: 2)
        history.keep(long.narrow(2, from: long.size(2) - 2, count: 2), for: self)
        return convolved(long)
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
