public import ClipCache
public import LTXModel
import Torch

// Axes: B batch, C channels, F latent frames, h and w latent sides, T audio latents.

/// One clip window with its prompt, ready to be trained on.
public struct TrainingItem {
    /// Name for messages: the clip's file and window.
    public let name: String
    /// Video latent `[C, F, h, w]`.
    public let video: FloatBuffer
    /// Audio latent `[T, C]`; nil if the clip has no sound.
    public let audio: FloatBuffer?
    /// The prompt, through the connectors.
    public let text: TextContext
    /// Factor on the losses of both modalities.
    public let lossMultiplier: Double
    /// Probability that the first picture is given and not learned.
    public let firstFrameProbability: Double

    /// Joins what a step needs of a clip.
    public init(
        name: String,
        video: FloatBuffer,
        audio: FloatBuffer?,
        text: TextContext,
        lossMultiplier: Double = 1,
        firstFrameProbability: Double = 0
    ) {
        self.name = name
        self.video = video
        self.audio = audio
        self.text = text
        self.lossMultiplier = lossMultiplier
        self.firstFrameProbability = firstFrameProbability
    }
}

/// Items of one bucket: the same latent shape and frame rate.
public struct TrainingBatch {
    /// One at least.
    public let items: [TrainingItem]
    /// Pictures per second.
    public let fps: Double
    /// Which pass over the clips this is, from 0.
    public let epoch: Int

    /// Joins items of one bucket.
    public init(items: [TrainingItem], fps: Double, epoch: Int) {
        self.items = items
        self.fps = fps
        self.epoch = epoch
    }

    /// Whether any item has sound.
    public var hasSound: Bool { items.contains { $0.audio != nil } }
}

/// Deals batches forever; its place in the data is part of a run's state.
public protocol BatchSource: AnyObject {
    /// The next batch.
    func next() throws -> TrainingBatch
    /// Where the source stands, as text.
    var position: String { get throws }
    /// Goes on where another source stood.
    func restore(_ position: String) throws
}
