import Torch

// Axes: B batch, C channels, T time, M mel bands.

/// Epsilon of the audio VAE's norms.
private let audioNormEpsilon = 1e-6

/// A convolution over time and bands that keeps the size and looks back only in time.
final class SpectralConvolution {
    private let weight: Tensor  // [out, in, k, k]
    private let bias: Tensor  // [out]
    private let kernel: Int

    /// Reads `conv.weight` and `conv.bias` below the scope.
    init(_ weights: WeightScope, _ inputCount: Int, _ outputCount: Int, kernel: Int = 3) {
        weight = weights.tensor("conv.weight", [outputCount, inputCount, kernel, kernel])
        bias = weights.tensor("conv.bias", [outputCount])
        self.kernel = kernel
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        guard kernel > 1 else { return x.convolution(weight, bias: bias) }
        return x.padded([0, 0, kernel - 1, 0])
            .convolution(weight, bias: bias, padding: [0, (kernel - 1) / 2])
    }
}

/// Two convolutions, each behind a norm and SiLU, added to what came in.
final class SpectralResidualBlock {
    private let first: SpectralConvolution
    private let second: SpectralConvolution
    private let shortcut: SpectralConvolution?

    /// Reads `conv1`, `conv2` and, where the number of channels changes, `nin_shortcut`.
    init(_ weights: WeightScope, _ inputCount: Int, _ outputCount: Int) {
        first = SpectralConvolution(weights / "conv1", inputCount, outputCount)
        second = SpectralConvolution(weights / "conv2", outputCount, outputCount)
        shortcut =
            inputCount == outputCount
            ? nil
            : SpectralConvolution(weights / "nin_shortcut", inputCount, outputCount, kernel: 1)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let inner = second(activated(first(activated(x))))
        return (shortcut?(x) ?? x) + inner
    }
}

/// Blocks one after another, of which the first changes the number of channels.
func residualBlocks(
    _ weights: WeightScope,
    _ inputCount: Int,
    _ outputCount: Int,
    count: Int
) -> [SpectralResidualBlock] {
    (0..<count).map { index in
        SpectralResidualBlock(weights / index, index == 0 ? inputCount : outputCount, outputCount)
    }
}

/// Halves time and bands.
final class SpectralDownsampling {
    private let weight: Tensor  // [C, C, 3, 3]
    private let bias: Tensor  // [C]

    /// Reads `conv.weight` and `conv.bias` below the scope.
    init(_ weights: WeightScope, channels: Int) {
        weight = weights.tensor("conv.weight", [channels, channels, 3, 3])
        bias = weights.tensor("conv.bias", [channels])
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        x.padded([0, 1, 2, 0]).convolution(weight, bias: bias, stride: [2, 2])
    }
}

/// Doubles time and bands; the first moment has nothing before it and gives one row only.
final class SpectralUpsampling {
    private let convolution: SpectralConvolution

    /// Reads `conv.conv.weight` and `conv.conv.bias` below the scope.
    init(_ weights: WeightScope, channels: Int) {
        convolution = SpectralConvolution(weights / "conv", channels, channels)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let (batch, channels) = (x.size(0), x.size(1))
        let (time, bands) = (x.size(2), x.size(3))
        let larger = x.reshape(batch, channels, time, 1, bands, 1)
            .expand([batch, channels, time, 2, bands, 2])
            .reshape(batch, channels, 2 * time, 2 * bands)
        return convolution(larger).narrow(2, from: 1, count: 2 * time - 1)
    }
}

/// Pixel norm, then SiLU.
func activated(_ x: Tensor) -> Tensor { x.pixelNormalized(epsilon: audioNormEpsilon).silu() }
