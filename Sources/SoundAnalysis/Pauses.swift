public import Media

/// Where a sound pauses, and how loud and spoken it is between.
///
/// A pause is a run of frames (20 ms) that are no speech (``SpeechDetector``) and quiet. Quiet is 20 dB below
/// the loud frames (the 90th percentile), in noise 6 dB above the 10th percentile and at least 10 dB below
/// the loud ones, and always what is below -50 dBFS. Sound of one level, like music or wind, has no pause.
public struct Pauses: Sendable {
    /// Length of a frame in seconds.
    public static let frameSeconds = FrameLevels.seconds
    /// Runs that are shorter are stops within words.
    static let shortest = 10  // frames

    /// Begin and end of each pause in seconds, ascending.
    public let ranges: [Range<Double>]
    /// The level of each frame in dBFS.
    public let levels: [Double]
    /// Whether each frame is taken for speech.
    public let isSpeech: [Bool]

    /// Looks for pauses in a sound of 2 kHz or more with 1 to 8 channels.
    public init(in waveform: Waveform) {
        let waveform = waveform.finite
        levels = FrameLevels(waveform).values
        let frames = SpeechFrameMeter(AnalysisSignal(waveform)).frames(count: levels.count)
        isSpeech = SpeechDetector.speech(frames)
        let limit = Self.quiet(levels)
        let isPause = zip(levels, isSpeech).map { level, isSpeech in !isSpeech && level < limit }
        ranges = Self.runs(isPause).filter { $0.count >= Self.shortest }.map {
            Double($0.lowerBound) * Self.frameSeconds..<Double($0.upperBound) * Self.frameSeconds
        }
    }

    /// Share of a stretch that is taken for speech; 0 where there are no frames.
    public func speechShare(from start: Double, to end: Double) -> Double {
        let first = max(0, Int((start / Self.frameSeconds).rounded()))
        let last = min(isSpeech.count, Int((end / Self.frameSeconds).rounded()))
        guard first < last else { return 0 }
        return Double(isSpeech[first..<last].count { $0 }) / Double(last - first)
    }

    private static func quiet(_ levels: [Double]) -> Double {
        let loud = levels.percentile(0.9) ?? 0
        let floor = levels.percentile(0.1) ?? 0
        return max(FrameLevels.silence, min(loud - 10, max(loud - 20, floor + 6)))
    }

    private static func runs(_ marks: [Bool]) -> [Range<Int>] {
        var (runs, start): ([Range<Int>], Int?) = ([], nil)
        for index in 0...marks.count {
            let isMarked = index < marks.count && marks[index]
            if isMarked, start == nil { start = index }
            if !isMarked, let begin = start {
                runs.append(begin..<index)
                start = nil
            }
        }
        return runs
    }
}
