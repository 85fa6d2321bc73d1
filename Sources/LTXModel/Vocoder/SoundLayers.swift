import Torch

// Axes: B batch, C channels, N samples.

/// A convolution along time that keeps the length.
final class SoundConvolution {
    private let weight: Tensor  // [out, in, k]
    private let bias: Tensor?  // [out]
    private let kernel: Int
    private let dilation: Int

    /// Reads `weight` and `bias` below the scope.
    init(
        _ weights: WeightScope,
        _ inputCount: Int,
        _ outputCount: Int,
        kernel: Int,
        dilation: Int = 1,
        hasBias: Bool = true
    ) {
        weight = weights.tensor("weight", [outputCount, inputCount, kernel])
        bias = hasBias ? weights.tensor("bias", [outputCount]) : nil
        self.kernel = kernel
        self.dilation = dilation
    }

    /// Where the weights are.
    var device: Device { weight.device }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let padding = dilation * (kernel - 1) / 2
        return x.convolution(weight, bias: bias, padding: [padding], dilation: [dilation])
    }
}

/// Makes several samples of one.
final class SoundUpsampling {
    private let weight: Tensor  // [in, out, k]
    private let bias: Tensor  // [out]
    private let rate: Int
    private let kernel: Int

    /// Reads `weight` and `bias` below the scope.
    init(_ weights: WeightScope, _ inputCount: Int, _ outputCount: Int, rate: Int, kernel: Int) {
        weight = weights.tensor("weight", [inputCount, outputCount, kernel])
        bias = weights.tensor("bias", [outputCount])
        self.rate = rate
        self.kernel = kernel
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        x.convolution(
            weight,
            bias: bias,
            stride: [rate],
            padding: [(kernel - rate) / 2],
            transposed: true
        )
    }
}

/// What stands between convolutions.
protocol SoundActivation: AnyObject { func callAsFunction(_ x: Tensor) -> Tensor }

/// Leaky ReLU.
final class LeakyActivation: SoundActivation {
    private let slope: Double

    init(slope: Double) { self.slope = slope }

    func callAsFunction(_ x: Tensor) -> Tensor { x.maximum(x * slope) }
}

/// `x + sin²(x eᵃ) / eᵇ` at twice the rate, between two low-pass filters.
///
/// - Source: "BigVGAN", Lee et al., 2023.
final class SnakeActivation: SoundActivation {
    private let frequency: Tensor  // [C, 1]
    private let strength: Tensor  // [C, 1]
    private let up: Tensor  // [1, 1, 12]
    private let down: Tensor  // [1, 1, 12]
    /// Samples on each side that a result depends on.
    static let reach = 6

    /// Reads `act` and both filters below the scope.
    init(_ weights: WeightScope, channels: Int) {
        frequency = weights.tensor("act.alpha", [channels]).exp().unsqueeze(1)
        let inverse = weights.tensor("act.beta", [channels]).exp() + 1e-9
        strength = inverse.power(-1).unsqueeze(1)
        up = weights.tensor("upsample.filter", [1, 1, 12])
        down = weights.tensor("downsample.lowpass.filter", [1, 1, 12])
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let doubled = doubled(x)
        let wave = (doubled * frequency).sin()
        return halved(doubled.adding(wave * wave, times: strength), like: x)
    }

    /// Twice the rate, `[B, C, 2 N]`.
    private func doubled(_ x: Tensor) -> Tensor {
        // Channels share the filter, so they may stand as items of a batch.
        let single = x.reshape(x.size(0) * x.size(1), 1, x.size(2)).padded([5, 5], .replicate)
        let long = single.convolution(up, stride: [2], transposed: true) * 2
        return long.narrow(2, from: 15, count: 2 * x.size(2))
            .reshape(x.size(0), x.size(1), 2 * x.size(2))
    }

    private func halved(_ x: Tensor, like original: Tensor) -> Tensor {
        x.reshape(x.size(0) * x.size(1), 1, x.size(2)).padded([5, 6], .replicate)
            .convolution(down, stride: [2]).reshape(original.shape)
    }
}
