import Foundation

/// Decides whether there may be music, from rules alone.
///
/// Any of these raises the suspicion, the first that holds is the reason:
/// 1. *Steady tones*: in a quarter or more of the sounding frames (above -60 dBFS and within 30 dB
///    of the loud ones, the 95th percentile) there is a tone that stays at its pitch; see
///    ``ToneMeter``. Recorded speech has them in 3 %, tonal music in 30 to 100 %.
/// 2. *Tones without syllables*: three tones or more stand out in half of the sounding frames, fewer
///    than 5 % of the frames pause (25 dB below the loud ones), and the envelope moves by less
///    than 0.3 of its mean at the rate of syllables (2 to 8 Hz). Recorded speech moves by 0.5
///    to 1.2, music by 0.1 to 0.5. Strings and choirs, whose pitch trembles, are found so.
/// 3. *A beat*: the rises of the level repeat at one period from 0.16 to 1.2 s, with a correlation
///    (mean of one, two and three periods) of 0.4, or of 0.25 where nothing pauses. Recorded
///    speech has up to 0.2. Sound of less than 4 seconds is too short to tell.
///
/// It suspects whistles, sirens, held hums at 200 Hz and up, and machines that pulse. It misses a
/// song sung without instruments, free rhythm without held notes, and music that is more than about
/// 20 dB below a voice that leaves few pauses.
struct MusicSuspicion {
    /// Share of the sounding frames with a steady tone.
    let steadyTones: Double
    /// Share of the sounding frames with three tones or more.
    let richTones: Double
    /// Share of the frames that pause.
    let pauses: Double
    /// How far the envelope moves at the rate of syllables, over its mean.
    let modulation: Double
    /// The strongest repetition of the rises of the level.
    let beat: Beat

    /// Looks at one sound: dBFS and features of the same frames, and its tones.
    init(levels: [Double], frames: [SpeechFrame], tones: [ToneCount]) {
        let loud = levels.percentile(0.95) ?? 0
        let sounding = tones.indices.filter {
            let frame = Int(Double($0) * ToneMeter.step / FrameLevels.seconds)
            return levels.indices.contains(frame) && levels[frame] > max(loud - 30, -60)
        }
        steadyTones = Self.share(sounding.count { tones[$0].steady > 0 }, of: sounding.count)
        richTones = Self.share(sounding.count { tones[$0].tones >= 3 }, of: sounding.count)
        pauses = Self.share(levels.count { $0 < max(loud - 25, -60) }, of: levels.count)
        modulation = Self.syllableModulation(frames.map { pow(10, $0.level / 20) })
        beat = Beat(frames.map { max($0.level, loud - 40) })
    }

    /// Why there may be music, nil for no suspicion.
    var reason: String? {
        if steadyTones >= 0.25 {
            return "tones that stay at their pitch in \(percent(steadyTones)) of the sound"
        }
        if richTones >= 0.5, pauses < 0.05, modulation < 0.3 {
            return "tones in \(percent(richTones)) of the sound, without pauses or syllables"
        }
        if beat.strength >= (pauses < 0.05 ? 0.25 : 0.4) {
            return "a beat that repeats every \(Int((beat.seconds * 1000).rounded())) ms"
        }
        return nil
    }

    private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    private static func share(_ part: Int, of whole: Int) -> Double {
        whole == 0 ? 0 : Double(part) / Double(whole)
    }

    /// The difference of two moving averages, of 60 and of 500 ms, passes about 2 to 8 Hz.
    private static func syllableModulation(_ envelope: [Double]) -> Double {
        func average(around index: Int, reach: Int) -> Double {
            Array(envelope[max(0, index - reach)...min(envelope.count - 1, index + reach)]).mean
        }
        let moves = envelope.indices.map {
            pow(average(around: $0, reach: 1) - average(around: $0, reach: 12), 2)
        }
        return envelope.mean > 0 ? moves.mean.squareRoot() / envelope.mean : 0
    }
}
