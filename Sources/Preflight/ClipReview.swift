public import SoundAnalysis

/// One clip, looked at before training.
public struct ClipReview: Codable, Sendable, Equatable {
    /// What a run does with a clip.
    public enum Role: String, Codable, Sendable {
        /// The character is learned from it.
        case training
        /// It is measured and never trained on.
        case heldOut = "held_out"
        /// It keeps what the model knows and shows somebody else.
        case regularisation
    }

    /// How messages name the file.
    public var name: String
    /// What the run does with it.
    public var role = Role.training
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
    /// FFmpeg's name of the picture's codec; nil if the file cannot be opened.
    public var pictureCodec: String?
    /// FFmpeg's name of the sound's codec; nil without sound.
    public var soundCodec: String?
    /// Channels of its sound stream; 0 without one.
    public var channels: Int
    /// Whether its sound is to be trained on.
    public var wantsSound: Bool
    /// Its caption.
    public var caption: CaptionReview
    /// What it becomes.
    public var windows: [WindowReview]
    /// What the plan notes about it: an end that is not used, a picture that is enlarged.
    public var notes: [String] = []
    /// What its sound is like; nil without sound, or if it cannot be decoded.
    public var sound: SoundFacts?
    /// Seconds of speech inside its windows, overlaps counted once; nil where nothing was decoded.
    public var speechInWindows: Double?
    /// Windows in which nothing can be heard although the clip has sound.
    public var silentWindows = 0
    /// Why its sound cannot be decoded.
    public var soundProblem: String?
    /// Why sound outside of its windows cannot be decoded; training does not need that.
    public var soundProblemElsewhere: String?
    /// Why its middle picture cannot be decoded; the others are not looked at.
    public var pictureProblem: String?
    /// A clip with the same bytes that comes before it.
    public var duplicateOf: String?
    /// What a maker should know; verdicts and usable speech follow from it.
    public var remarks: [Remark] = [] { didSet { conclude() } }
    /// What it does for the face: `yes` is good, `doubtful` usable with remarks, `no` not usable.
    public private(set) var face = Verdict.yes
    /// What it does for the voice, likewise.
    public private(set) var voice = Verdict.notAsked
    /// Seconds of speech that a voice is learned from: none of copies, held-out and regularisation clips.
    public private(set) var usableSpeech = 0.0

    private mutating func conclude() {
        face = remarks.verdict(on: .face)
        voice = wantsSound ? remarks.verdict(on: .voice) : .notAsked
        let teaches = role == .training && wantsSound && voice != .no && duplicateOf == nil
        usableSpeech = teaches ? speechInWindows ?? 0 : 0
    }

    /// Share of its windows that is speech; nil where nothing was decoded.
    var shareOfSpeech: Double? {
        let length = covered.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
        return length > 0 ? speechInWindows.map { $0 / length } : nil
    }

    /// Where its windows lie; several sizes of one window count once.
    var distinctWindows: Set<ClosedRange<Double>> {
        Set(windows.map { $0.start...($0.start + $0.seconds) })
    }

    /// The parts of it that lie in windows, in order; overlapping ones are joined.
    var covered: [ClosedRange<Double>] {
        var parts: [ClosedRange<Double>] = []
        for window in windows.sorted(by: { $0.start < $1.start }) {
            let end = window.start + window.seconds
            if let last = parts.last, window.start <= last.upperBound {
                parts[parts.count - 1] = last.lowerBound...max(last.upperBound, end)
            } else {
                parts.append(window.start...end)
            }
        }
        return parts
    }
}
