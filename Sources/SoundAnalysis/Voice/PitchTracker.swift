/// The pitch of a voice, frame by frame.
///
/// YIN: the difference of the sound and itself some time later, divided by its mean over all
/// shorter times, has its first deep valley at the period. The first valley below 0.2 counts, or
/// the deepest below 0.45. A frame without one has no pitch; nor has one that stands alone or is
/// more than a fifth away from those around it.
///
/// - Source: de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and
///   music", JASA 111 (2002), steps 1 to 5.
struct PitchTracker {
    /// The lowest and the highest pitch that are looked for, in Hz.
    static let range = 60.0...500.0
    private static let deep = 0.2
    private static let shallow = 0.45
    /// Samples that are compared: 32 ms.
    private static let window = 512

    /// The pitch of each of the signal's frames in Hz; nil where there is none.
    static func pitches(_ signal: VoiceSignal) -> [Double?] {
        let raw = signal.frames.map { pitch(of: signal, frame: $0) }
        return raw.indices.map { index in
            guard let own = raw[index] else { return nil }
            let near = raw[max(0, index - 2)...min(raw.count - 1, index + 2)].compactMap(\.self)
            guard near.count >= 3, let middle = near.percentile(0.5) else { return nil }
            return abs(own / middle - 1) < 0.2 ? own : nil
        }
    }

    private static func pitch(of signal: VoiceSignal, frame: Int) -> Double? {
        let rate = Double(VoiceSignal.rate)
        let longest = Int(rate / range.lowerBound) + 1
        let shortest = Int(rate / range.upperBound)
        let samples = signal.stretch(around: frame, count: window + longest)
        let curve = normalized(differences(samples, longest: longest))
        let valleys = (shortest..<longest).filter {
            curve[$0] < shallow && curve[$0] < curve[$0 - 1] && curve[$0] <= curve[$0 + 1]
        }
        let first = valleys.first { curve[$0] < deep }
        guard let lag = first ?? valleys.min(by: { curve[$0] < curve[$1] }) else { return nil }
        let (before, at, after) = (curve[lag - 1], curve[lag], curve[lag + 1])
        let bend = before - 2 * at + after
        let shift = bend > 0 ? 0.5 * (before - after) / bend : 0
        return rate / (Double(lag) + shift)
    }

    /// Sums of squared differences for lags from 0 to `longest`.
    ///
    /// Loops with pointers, since this is where the time goes.
    private static func differences(_ samples: [Double], longest: Int) -> [Double] {
        // Safe because there are `window + longest` samples.
        samples.withUnsafeBufferPointer { samples in
            (0...longest).map { lag in
                var (sum, index) = (0.0, 0)
                while index < window {
                    let difference = samples[index] - samples[index + lag]
                    sum += difference * difference
                    index += 1
                }
                return sum
            }
        }
    }

    private static func normalized(_ differences: [Double]) -> [Double] {
        var sum = 0.0
        return differences.enumerated().map { lag, difference in
            sum += difference
            return lag == 0 || sum <= 0 ? 1 : difference * Double(lag) / sum
        }
    }
}
