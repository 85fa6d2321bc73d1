public import Torch

// Axes: B batch.

/// What single items of a batch go without, so that passes of guidance can share one call.
///
/// Each mask is 1 for items that have everything, 0 for those that do not, `[B, 1, 1]`; nil leaves all as the
/// input says.
public struct ItemMasks {
    /// Items whose video tokens attend to each other in `valuesOnlyBlocks`.
    public var videoMixing: Tensor?
    /// Items whose audio tokens do.
    public var audioMixing: Tensor?
    /// Items whose streams see each other.
    public var exchange: Tensor?

    /// Masks of self-attention and of the attentions between the streams.
    public init(videoMixing: Tensor? = nil, audioMixing: Tensor? = nil, exchange: Tensor? = nil) {
        self.videoMixing = videoMixing
        self.audioMixing = audioMixing
        self.exchange = exchange
    }
}

extension BlockConditions {
    /// Takes over what single items go without.
    mutating func take(_ items: ItemMasks?) {
        video?.mixing = items?.videoMixing
        audio?.mixing = items?.audioMixing
        exchangeMask = items?.exchange
    }

    /// What a stream got from the other one, of the items that see it.
    func exchanged(_ change: Tensor) -> Tensor {
        exchangeMask.map { change * $0.to(change.dtype) } ?? change
    }
}
