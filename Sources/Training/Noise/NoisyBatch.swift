import ClipCache
public import LTXModel
public import Torch

// Axes: B batch, C channels, T tokens.

/// One modality of a batch with noise mixed in, and what the model should answer.
public struct NoisyModality {
    /// Noise level per item, 0...1.
    public let sigmas: [Double]
    /// Noisy tokens `[B, T, C]`.
    public var tokens: Tensor
    /// Velocity to predict, noise − clean, `[B, T, C]`.
    public var target: Tensor
    /// Part of its item's error that a token makes up, `[B, T]`: 0 for padding and for what was given;
    /// an item's parts sum to 1, or to 0 if nothing of it is learned.
    public let shares: Tensor
    /// Part of the batch's loss that an item makes up; 0 where nothing of it is learned.
    public var itemWeights: [Double]
    /// 1 for tokens that are there, `[B, T]`; nil when none is padding.
    public let mask: Tensor?
    /// Noise level of each token where tokens of one item differ.
    public let tokenSigmas: [[Float]]?

    /// Mean error of each item over the tokens that count, `[B]`, float32.
    public func errors(
        of prediction: Tensor,
        from wanted: Tensor? = nil,
        _ kind: LossFunction = LossFunction()
    ) -> Tensor {
        (kind.values(prediction, wanted ?? target).mean([2]) * shares).sum([1])
    }

    /// The batch's loss: the items' errors by their weights; a single number.
    public func loss(_ errors: Tensor) -> Tensor {
        (errors * Tensor(itemWeights.map(Float.init)).to(on: errors.device)).sum()
    }

    /// The same on plain numbers.
    func loss(_ errors: [Double]) -> Double {
        zip(errors, itemWeights).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The modality with another target for some items.
    func replacingTarget(of items: [Bool], with other: Tensor) -> NoisyModality {
        let chosen = Tensor(items.map { $0 ? 1 : 0 }, shape: [items.count, 1, 1]).to(
            on: tokens.device
        )
        var copy = self
        // By 0 and 1, so that both targets stay what they are to the last bit.
        copy.target = other * chosen + target * (chosen * -1 + 1)
        return copy
    }
}

/// A batch as the model sees it.
public struct NoisyBatch {
    /// The picture.
    public var video: NoisyModality
    /// The sound; nil if the run has none.
    public var audio: NoisyModality?
    /// The call of the transformer.
    public var input: TransformerInput
    /// Whether any item's sound is learned from.
    public let learnsAudio: Bool
    /// Noise levels that were drawn for the sound, also for items that have none.
    public let drawnAudioSigmas: [Double]
}
