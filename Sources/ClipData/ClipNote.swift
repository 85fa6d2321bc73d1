/// Something a maker should know about a clip that is used all the same.
public enum ClipNote: Sendable, Hashable {
    /// The file has no sound stream although the set wants sound.
    case noSound
    /// The sound has more channels than the model hears; they are mixed down to two.
    case mixedDown(channels: Int)
    /// The picture is high dynamic range; it is read as if it were standard.
    case highDynamicRange
    /// Pictures come at a varying rate; windows go by time.
    case variableRate
    /// The picture is enlarged by this factor.
    case enlarged(Double)
    /// The window's length divided by the clip's: 1.02 plays 2 % too slowly.
    case stretched(Double)
    /// The clip is used in real time where ai-toolkit would change its speed by this factor.
    case keptRealTime(Double)
    /// The clip is too short for the asked number of pictures; this many fit.
    case shorter(frames: Int, asked: Int)
    /// Only this many windows are taken of those that would fit.
    case capped(windows: Int, fitting: Int)
    /// Seconds at the end that no window covers.
    case unusedTail(Double)

    /// What notes of one kind have in common: they share a line of the plan.
    var heading: String {
        switch self {
        case .noSound: "no sound"
        case .mixedDown: "sound mixed down to stereo"
        case .highDynamicRange: "HDR read as SDR"
        case .variableRate: "variable frame rate"
        case .enlarged: "enlarged"
        case .stretched: "speed changed"
        case .keptRealTime: "cut in real time, not squeezed into num_frames"
        case .shorter: "shorter than num_frames"
        case .capped: "not all windows used"
        case .unusedTail: "end unused"
        }
    }

    /// What differs from clip to clip; empty where nothing does.
    var detail: String {
        switch self {
        case .noSound, .highDynamicRange, .variableRate: ""
        case .mixedDown(let channels): "\(channels) channels"
        case .enlarged(let factor): "\(factor.text(2))x"
        case .stretched(let factor): "to \((100 / factor).text(1)) %"
        case .keptRealTime(let factor): "would be \((100 / factor).text(0)) % speed"
        case .shorter(let frames, let asked): "\(frames) of \(asked)"
        case .capped(let windows, let fitting): "\(windows) of \(fitting)"
        case .unusedTail(let seconds): "\(seconds.text(1)) s"
        }
    }

    /// Heading and detail.
    public var description: String { detail.isEmpty ? heading : "\(heading): \(detail)" }
}
