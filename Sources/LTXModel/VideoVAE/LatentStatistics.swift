public import Torch

/// Mean and deviation of each latent channel: what brings latents to the scale of noise.
public struct LatentStatistics {
    /// `[C]`, float32
    public let mean: Tensor
    /// `[C]`, float32
    public let deviation: Tensor

    /// Reads `mean-of-means` and `std-of-means` below the scope.
    init(_ weights: WeightScope, width: Int) {
        mean = weights.tensor("mean-of-means", [width], dtype: .float32)
        deviation = weights.tensor("std-of-means", [width], dtype: .float32)
    }

    /// From the encoder's scale to that of noise; channels on the axis, counted from the front.
    public func normalized(_ latent: Tensor, axis: Int) -> Tensor {
        let rest = latent.rank - axis - 1
        return (latent - along(mean, rest)) / along(deviation, rest)
    }

    /// From the scale of noise to that of the decoder; channels on the axis, from the front.
    public func denormalized(_ latent: Tensor, axis: Int) -> Tensor {
        let rest = latent.rank - axis - 1
        return latent * along(deviation, rest) + along(mean, rest)
    }

    private func along(_ values: Tensor, _ rest: Int) -> Tensor {
        values.reshape([-1] + Array(repeating: 1, count: rest))
    }
}
