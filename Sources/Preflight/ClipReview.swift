import ClipCache
import ClipData
public import SoundAnalysis

/// One clip, looked at before training.
public struct ClipReview: Codable, Sendable, Equatable {
    /// How messages name the file.
    public var name: String
    /// Width in pixels as shown.
    public var width: Int
    /// Height in pixels as shown.
    public var height: Int
    /// Pictures per second; 0 for an image.
    public var fps: Double
    /// Length in seconds; 0 for an image.
    public var seconds: Double
    /// Whether it is a still image.
    public var isImage: Bool
    /// Channels of its sound stream; 0 without one.
    public var channels: Int
    /// Whether its sound is to be trained on.
    public var wantsSound: Bool
    /// Its caption.
    public var caption: CaptionReview
    /// What it becomes.
    public var windows: [WindowReview]
    /// What its sound is like; nil without sound, or if it cannot be decoded.
    public var sound: SoundFacts?
    /// Why its sound cannot be decoded.
    public var soundProblem: String?
    /// Why no picture of it can be decoded.
    public var pictureProblem: String?
    /// A clip with the same bytes that comes before it.
    public var duplicateOf: String?
    /// What a maker should know.
    public var remarks: [Remark] = [] {
        didSet {
            face = remarks.verdict(on: .face)
            voice = wantsSound ? remarks.verdict(on: .voice) : .notAsked
        }
    }
    /// What it does for the face; follows from the remarks.
    public private(set) var face = Verdict.yes
    /// What it does for the voice; follows from the remarks.
    public private(set) var voice = Verdict.notAsked

    /// Seconds of its windows, overlaps counted once.
    public var coveredSeconds: Double {
        var end = 0.0
        return windows.sorted { $0.start < $1.start }.reduce(0) { sum, window in
            let from = max(end, window.start)
            end = max(end, window.start + window.seconds)
            return sum + max(0, end - from)
        }
    }

    /// Seconds of speech that are trained on, told from the share of speech in the whole clip.
    public var usableSpeech: Double {
        guard wantsSound, voice != .no, duplicateOf == nil, let sound else { return 0 }
        return sound.speechShare * coveredSeconds
    }
}

/// One window of a clip and what it becomes.
public struct WindowReview: Codable, Sendable, Equatable {
    /// Seconds after the first picture.
    public var start: Double
    /// Length in the clip, in seconds.
    public var seconds: Double
    /// Width, height and pictures: `672x384x81`.
    public var bucket: String
    /// Shape of its video latents, `[C, F, h, w]`.
    public var videoLatents: [Int]
    /// Number of its audio latents; 0 without sound.
    public var audioLatents: Int
    /// Its length when played over its length in the clip: 1 is real time.
    public var stretch: Double

    init(_ item: PlannedItem) {
        start = item.window.start
        seconds = item.window.seconds
        bucket = item.bucketKey
        videoLatents = item.latentShape
        audioLatents = item.bringsSound ? item.audio?.latentCount ?? 0 : 0
        stretch = item.window.stretch
    }
}
