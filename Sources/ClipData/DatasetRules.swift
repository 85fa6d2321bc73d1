/// What a dataset of the run file asks for, in the terms of this module.
public struct DatasetRules: Sendable, Equatable {
    /// How messages name the dataset: `datasets[0]`.
    public var label = "datasets[0]"
    /// A folder of clips, or a JSON file that lists them.
    public var path: String
    /// Sides in pixels of the largest square areas; each makes its own copy of the set.
    public var resolutions = [512]
    /// Factor of the source size before its bucket is chosen.
    public var scale = 1.0
    /// How clips are cut into windows.
    public var windows = WindowRules()
    /// Whether the sound of videos is used.
    public var wantsSound = false
    /// Whether each clip's loudest moment is raised to full scale.
    public var normalizesSound = false
    /// Ending of caption files, with its dot.
    public var captionExtension = ".txt"
    /// Caption of clips that have none; empty for none.
    public var defaultCaption = ""
    /// Whether the short captions of a JSON list are used.
    public var usesShortCaptions = false
    /// The word that stands for the character; empty for none.
    public var trigger = ""
    /// How captions vary between steps.
    public var captionVariation = CaptionVariation()
    /// Whether a copy with left and right exchanged is added.
    public var flipX = false
    /// Whether a copy with top and bottom exchanged is added.
    public var flipY = false
    /// How often each item occurs in an epoch.
    public var repeats = 1
    /// Whether the set keeps the base model's knowledge rather than teaching the character.
    public var isRegularisation = false
    /// Whether the frozen model's own prediction is what its items are to give.
    public var learnsFromBase = false
    /// Strength of the adapters for its items.
    public var networkWeight = 1.0
    /// Factor of the losses of these items.
    public var lossMultiplier = 1.0
    /// Share of steps in which the first picture is given; above 0 it is encoded alone too.
    public var imageToVideoProbability = 0.0
    /// Whether pictures are cropped to a square.
    public var cropsSquare = false
    /// Whether the crop lies at random; it stays where it fell for each clip.
    public var cropsAtRandom = false
    /// Remarks about the run file's keys that belong into the plan.
    public var remarks: [String] = []

    /// Makes rules with every value at its default.
    public init(path: String) { self.path = path }

    /// How messages name the set and its place.
    var place: String { "\(label) \(path)" }
}

/// How pixels and seconds become latents; read from the checkpoint.
public struct LatentFactors: Sendable, Equatable {
    /// Channels of a video latent.
    public var channels = 128
    /// Pixels per latent in each direction.
    public var space = 32
    /// Pictures per latent frame, but for the first.
    public var time = 8
    /// Audio latents per second.
    public var audioRate = 25.0

    /// The factors of LTX-2 in all its versions so far.
    public init() {}

    /// Shape of a window's video latents, `[C, F, h, w]`.
    public func videoShape(frames: Int, width: Int, height: Int) -> [Int] {
        [channels, (frames - 1) / time + 1, height / space, width / space]
    }

    /// Number of audio latents of a window, as the model's own pipeline counts them.
    public func audioCount(frames: Int, fps: Double) -> Int {
        Int((Double(frames) / fps * audioRate).rounded(.toNearestOrEven))
    }
}
