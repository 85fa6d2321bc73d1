public import Torch

/// Mean and deviation of each latent channel: what brings latents to the scale of noise.
public struct LatentStatistics {
    /// Mean of each channel, `[C]`, float32.
    public let mean: Tensor
    /// Standard deviation of each channel, `[C]`, float32.
    public let deviation: Tensor

    /// Reads `mean-of-means` and `std-of-means` below the scope.
    init(_ weights: WeightScope, width: Int) {
        mean = weights.tensor("mean-of-means", [width], dtype: .float32)
        deviation = weights.tensor("std-of-means", [width], dtype: .float32)
    }

    /// From the encoder's scale to that of noise; channels on the axis, counted from the front.
    public func normalized(_ latent: Tensor, axis: Int) -> Tensor {
        let (mean, deviation) = along(axis, of: latent)
        return (latent - mean) / deviation
    }

    /// From the scale of noise to that of the decoder; channels on the axis, from the front.
    public func denormalized(_ latent: Tensor, axis: Int) -> Tensor {
        let (mean, deviation) = along(axis, of: latent)
        return latent * deviation + mean
    }

    private func along(_ axis: Int, of latent: Tensor) -> (Tensor, Tensor) {
        let rest = max(0, latent.rank - axis - 1)  // a tensor that failed has rank 0
        let shape = [-1] + Array(repeating: 1, count: rest)
        return (mean.reshape(shape), deviation.reshape(shape))
    }
}
