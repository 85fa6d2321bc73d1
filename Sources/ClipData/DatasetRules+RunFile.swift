import Foundation
public import RunConfig

extension DatasetRules {
    /// Takes from a dataset of the run file what clips need.
    ///
    /// Only `time_stretch: true` lets a clip's speed change by more than 3 %: ai-toolkit's own
    /// pages write `shrink_video_to_frames: true` into every file, so it says nothing about what
    /// a maker wants, and a stretched voice is the wrong voice.
    ///
    /// - Parameters:
    ///   - section: the dataset as read.
    ///   - number: its number in the run file, from 0.
    public init(_ section: DatasetSection, number: Int) {
        self.init(path: section.folderPath)
        label = "datasets[\(number)]"
        resolutions = section.resolution
        scale = section.scale
        windows = WindowRules(section)
        wantsSound = section.doAudio
        normalizesSound = section.audioNormalize
        captionExtension = section.captionExt
        defaultCaption = section.defaultCaption ?? ""
        usesShortCaptions = section.useShortCaptions
        trigger = section.triggerWord ?? ""
        captionVariation = CaptionVariation(section)
        flipX = section.flipX
        flipY = section.flipY
        repeats = section.numRepeats
        isRegularisation = section.isReg
        learnsFromBase = section.priorReg
        networkWeight = section.networkWeight
        lossMultiplier = section.lossMultiplier
        imageToVideoProbability = section.i2vProbability
        cropsSquare = section.squareCrop || !section.buckets
        cropsAtRandom = section.randomCrop
        remarks = section.clipRemarks
    }
}

extension WindowRules {
    /// Takes from a dataset of the run file how clips are cut.
    init(_ section: DatasetSection) {
        self.init(
            frameCount: section.numFrames,
            rate: section.fps,
            takesWholeClip: section.autoFrameCount,
            trimsTail: section.trimAutoFrameCountTail,
            stretches: section.timeStretch
        )
        if let most = section.windowsPerClip { mostPerClip = most }
    }
}

extension CaptionVariation {
    /// Takes from a dataset of the run file how captions vary.
    init(_ section: DatasetSection) {
        self.init(
            captionDropoutRate: section.captionDropoutRate,
            tokenDropoutRate: section.tokenDropoutRate,
            keepTokens: section.keepTokens,
            shufflesTokens: section.shuffleTokens,
            extraTags: section.extraTags,
            mostExtraTags: section.randomTriggersMax
        )
    }
}

extension DatasetSection {
    /// The random triggers themselves, or the lines of the file that is named instead.
    fileprivate var extraTags: [String] {
        guard randomTriggers.count == 1,
            let data = try? Data(contentsOf: URL(fileURLWithPath: randomTriggers[0]))
        else { return randomTriggers }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map(\.trimmed).filter { !$0.isEmpty }
    }

    /// What is asked for and not done as ai-toolkit does it.
    fileprivate var clipRemarks: [String] {
        var remarks: [String] = []
        if timeStretch, doAudio, audioPreservePitch {
            remarks.append("audio_preserve_pitch is not done: stretched sound changes its pitch")
        }
        if randomScale { remarks.append("random_scale is not done: sizes stay as cached") }
        return remarks
    }
}
