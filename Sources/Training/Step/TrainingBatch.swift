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
    /// Everything else.
    public let settings: Settings

    /// What a dataset says about its items.
    public struct Settings: Sendable {
        /// Factor on the losses of both modalities.
        public var lossMultiplier = 1.0
        /// Probability that the first picture is given and not learned.
        public var firstFrameProbability = 0.0
        /// Whether the item should have sound: strict audio mode counts those that have none.
        public var expectsSound = false
        /// Whether the item belongs to a regularisation set.
        public var isRegularisation = false
        /// Whether the frozen model's own prediction is the target.
        public var learnsFromBase = false
        /// Strength of the adapters for this item; a batch has one.
        public var networkWeight = 1.0

        /// The defaults.
        public init() {}
    }

    /// The prompt under which the frozen model's prediction is preserved, if it is.
    public var preservedText: TextContext?
    /// The prompt before the connectors, where these are trained.
    public var features: TextFeatures?
    /// The same of the preserved prompt.
    public var preservedFeatures: TextFeatures?

    /// Joins what a step needs of a clip.
    public init(
        name: String,
        video: FloatBuffer,
        audio: FloatBuffer?,
        text: TextContext,
        settings: Settings = Settings(),
        preservedText: TextContext? = nil
    ) {
        self.name = name
        self.video = video
        self.audio = audio
        self.text = text
        self.settings = settings
        self.preservedText = preservedText
    }

    var lossMultiplier: Double { settings.lossMultiplier }
    var firstFrameProbability: Double { settings.firstFrameProbability }
}

/// Items of one bucket: the same latent shape and frame rate, the same kind of set.
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

    /// Whether the batch comes from a regularisation set.
    public var isRegularisation: Bool { items[0].settings.isRegularisation }

    /// Where the video tokens lie.
    public var grid: VideoGrid {
        let shape = items[0].video.shape
        return VideoGrid(frames: shape[1], height: shape[2], width: shape[3], fps: fps)
    }

    /// Audio latents of the longest sound of the batch, or of what its pictures would have.
    public var audioLength: Int {
        if let longest = items.compactMap({ $0.audio?.shape[0] }).max() { return longest }
        let pictures = (items[0].video.shape[1] - 1) * LatentScale().time + 1
        return LatentScale().audioCount(pictures: pictures, fps: fps)
    }
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
