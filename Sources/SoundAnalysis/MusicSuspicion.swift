import Foundation
internal import Media

struct MusicSuspicion {
    var steadyTones: Double
    var steadyTones2: Double
    var pauses: Double
    var modulation: Double
    var beat: Double
    var beatSeconds: Double

    init(levels: [Double], frames: [SpeechFrame], tones: [Int]) {
        let loud = levels.percentile(0.95) ?? 0
        pauses = Double(levels.count { $0 < max(loud - 25, -60) }) / Double(max(1, levels.count))
        let sounding = tones.indices.filter {
            let frame = min(levels.count - 1, Int(Double($0) * ToneMeter.step / FrameLevels.seconds))
            return frame >= 0 && levels[frame] > max(loud - 40, -60)
        }
        steadyTones = Double(sounding.count { tones[$0] >= 1 }) / Double(max(1, sounding.count))
        steadyTones2 = Double(sounding.count { tones[$0] >= 2 }) / Double(max(1, sounding.count))
        let envelope = frames.map { pow(10, $0.level / 20) }
        func average(_ i: Int, _ r: Int) -> Double { Array(envelope[max(0, i - r)...min(envelope.count - 1, i + r)]).mean }
        let m = envelope.mean
        modulation = m > 0 ? (envelope.indices.map { pow(average($0, 1) - average($0, 12), 2) }.mean).squareRoot() / m : 0
        // beat
        let onset0 = zip(frames, frames.dropFirst()).map { max(0, max($1.level, loud - 40) - max($0.level, loud - 40)) }
        let om = onset0.mean
        let onset = onset0.map { $0 - om }
        let zero = onset.reduce(0) { $0 + $1 * $1 }
        func ac(_ lag: Int) -> Double {
            guard onset.count > lag, zero > 0 else { return 0 }
            var s = 0.0
            for i in lag..<onset.count { s += onset[i] * onset[i - lag] }
            return s / zero
        }
        beat = 0
        beatSeconds = 0
        for lag in 8...60 {
            let near = { (l: Int) in (l - 1...l + 1).map(ac).max() ?? 0 }
            let v = (near(lag) + near(2 * lag) + near(3 * lag)) / 3
            if v > beat { beat = v; beatSeconds = Double(lag) * 0.02 }
        }
    }
}
