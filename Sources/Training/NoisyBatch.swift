import ClipCache
public import LTXModel
public import Torch

// Axes: B batch, C channels, F latent frames, h and w latent sides, T tokens.

/// One modality of a batch with noise mixed in, and what the model should answer.
public struct NoisyModality {
    /// Noise level per item, 0...1.
    public let sigmas: [Double]
    /// Noisy tokens `[B, T, C]`.
    public let tokens: Tensor
    /// Velocity to predict, noise − clean, `[B, T, C]`.
    public let target: Tensor
    /// Share of the loss of each token, `[B, T]`; an item's shares sum to its weight in the batch.
    public let weights: Tensor
    /// 1 for tokens that are there, `[B, T]`; nil when none is padding.
    public let mask: Tensor?
    /// Noise level of each token where tokens of one item differ.
    public let tokenSigmas: [[Float]]?

    /// Weighted mean of the squared error of a prediction `[B, T, C]`: a single number, float32.
    public func loss(_ prediction: Tensor) -> Tensor {
        let error = prediction - target
        return ((error * error).mean([2]) * weights).sum()
    }
}

/// A batch as the model sees it.
public struct NoisyBatch {
    /// The picture.
    public let video: NoisyModality
    /// The sound; nil if the run has none.
    public let audio: NoisyModality?
    /// The call of the transformer.
    public let input: TransformerInput
    /// Whether any item's sound is learned from.
    public let learnsAudio: Bool
}
