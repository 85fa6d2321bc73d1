/// What a dataset takes from the sections around it.
struct DatasetDefaults {
    var trigger: String?
    var train: TrainSection
}

/// One entry of `datasets:`: a folder of clips or images, and how they are used.
public struct DatasetSection: Sendable, Equatable {
    // Files.

    /// Key `dataset_path`, else `folder_path`: a folder, or a JSON file for `dataset_path`.
    public var folderPath = ""
    /// Key `num_repeats`: how often each item occurs in an epoch.
    public var numRepeats = 1
    /// Key `batch_size`: overrides `train.batch_size`.
    public var batchSize: Int?
    /// Key `is_reg`: a regularisation set: no trigger word, loss times `reg_weight`.
    public var isReg = false
    /// Key `prior_reg`: the target is the frozen model's own prediction.
    public var priorReg = false
    /// Key `network_weight`: strength of the adapter for these items.
    public var networkWeight = 1.0
    /// Key `loss_multiplier`: factor of the loss of these items.
    public var lossMultiplier = 1.0

    // Picture.

    /// Key `resolution`: one copy of the dataset per side length, in pixels.
    public var resolution = [512]
    /// Key `scale`: factor of the source size before the bucket is chosen.
    public var scale = 1.0
    /// Key `buckets`: keep the aspect ratio; false crops squares.
    public var buckets = true
    /// Key `square_crop`: crop squares of the resolution.
    public var squareCrop = false
    /// Key `random_crop`: the crop's place is drawn.
    public var randomCrop = false
    /// Key `random_scale`: the size before the crop is drawn.
    public var randomScale = false
    /// Key `flip_x`: add a copy of each item, mirrored left to right.
    public var flipX = false
    /// Key `flip_y`: add a copy of each item, upside down.
    public var flipY = false
    /// Key `mask_path`: folder of loss masks.
    public var maskPath: String?
    /// Key `alpha_mask`: the image's alpha is its loss mask.
    public var alphaMask = false
    /// Key `invert_mask`: the loss counts where the mask is dark.
    public var invertMask = false
    /// Key `mask_min_value`: the loss mask's lowest weight.
    public var maskMinValue = 0.0

    // Time.

    /// Key `num_frames`, snapped down to 8k + 1: frames of a window; 1 is images.
    public var numFrames = 1
    /// Key `fps`: frames per second that the model is told.
    public var fps = 24.0
    /// Key `auto_frame_count`: as many frames as the clip has.
    public var autoFrameCount = false
    /// Key `trim_auto_frame_count_tail`: cut the end instead of squeezing the clip.
    public var trimAutoFrameCountTail = true
    /// Key `shrink_video_to_frames`: spread the frames over the whole clip where that is real time.
    public var shrinkVideoToFrames = true
    /// Key `time_stretch`: allow a clip to be squeezed or stretched in time.
    public var timeStretch = false
    /// Key `windows_per_clip`: real-time windows of a long clip; `nil` is as many as fit, capped.
    public var windowsPerClip: Int?
    /// Key `do_i2v`: probability that the first frame is given; `true` is 1.
    public var i2vProbability = 0.0

    // Sound.

    /// Key `do_audio`: use the sound track; by default on for clips.
    public var doAudio = false
    /// Key `audio_preserve_pitch`: where sound is stretched, keep its pitch.
    public var audioPreservePitch = false
    /// Key `audio_normalize`: bring the peak to full scale.
    public var audioNormalize = false

    // Captions.

    /// Key `caption_ext`, always with its dot.
    public var captionExt = ".txt"
    /// Key `default_caption`: for items without one.
    public var defaultCaption: String?
    /// Key `use_short_captions`: the short ones of a JSON dataset.
    public var useShortCaptions = false
    /// Key `trigger_word`, else the process's.
    public var triggerWord: String?
    /// Key `random_triggers`: words of which some are appended, or the path of a file of them.
    public var randomTriggers: [String] = []
    /// Key `random_triggers_max`: how many at most.
    public var randomTriggersMax = 1
    /// Key `caption_dropout_rate`, else the train section's: share of captions left out.
    public var captionDropoutRate = 0.0
    /// Key `token_dropout_rate`: share of comma-separated pieces left out.
    public var tokenDropoutRate = 0.0
    /// Key `keep_tokens`: pieces at the start that always stay.
    public var keepTokens = 0
    /// Key `shuffle_tokens`: shuffle the pieces.
    public var shuffleTokens = false

    // Caches.

    /// Key `cache_latents`: keep latents in memory.
    public var cacheLatents = false
    /// Key `cache_latents_to_disk`: keep latents beside the clips.
    public var cacheLatentsToDisk = false
    /// Key `cache_text_embeddings`, or the train section's: keep encoded captions beside the clips.
    public var cacheTextEmbeddings = false

    /// Whether the set is made of clips; else of images alone.
    public var isVideo: Bool { numFrames > 1 || autoFrameCount }

    /// The section's defaults; `folderPath` is empty.
    public init() {}

    init(from section: inout ConfigSection, defaults: DatasetDefaults) {
        readFiles(from: &section)
        readPicture(from: &section)
        readMasks(from: &section)
        readTime(from: &section)
        readSound(from: &section)
        readCaptions(from: &section, defaults: defaults)
        readCaches(from: &section, defaults: defaults)
        readUnused(from: &section)
        section.rejectUnknownKeys()
    }
}
