import SoundAnalysis

/// A place where a clip may be cut, and what that costs: less than 0 where a cut is wanted.
struct CutPoint: Equatable {
    /// Seconds after the first picture.
    var seconds: Double
    var cost: Double

    /// A cut through a word is worse than any number of cuts in pauses.
    static let speechCost = 20.0
    /// A cut without sound, or in sound that does not speak.
    static let plainCost = 1.0
    /// Pauses from here on end a sentence rather than part one: cuts there are wanted.
    static let longPause = 0.6
    private static let grid = 0.2

    /// The middle of each pause; places every half second within long ones; and for want of these the
    /// quietest place in each fifth of a second.
    static func points(in pauses: Pauses, seconds: Double) -> [CutPoint] {
        let middles = pauses.ranges.map { pause in
            CutPoint(
                seconds: (pause.lowerBound + pause.upperBound) / 2,
                cost: cost(ofPause: pause.upperBound - pause.lowerBound)
            )
        }
        let others = pauses.ranges.flatMap(within)
        return middles + others + quietest(pauses, seconds)
    }

    /// Places at equal distances, for clips without sound.
    static func plain(seconds: Double) -> [CutPoint] {
        stride(from: grid, to: seconds, by: grid).map { CutPoint(seconds: $0, cost: plainCost) }
    }

    private static func cost(ofPause length: Double) -> Double {
        length >= longPause ? -min(length, 2) : 0.1 + 5 * (longPause - length)
    }

    private static func within(_ pause: Range<Double>) -> [CutPoint] {
        stride(from: pause.lowerBound + 0.5, to: pause.upperBound - 0.49, by: 0.5).map {
            CutPoint(seconds: $0, cost: 0.2)
        }
    }

    private static func quietest(_ pauses: Pauses, _ seconds: Double) -> [CutPoint] {
        let length = Int((grid / Pauses.frameSeconds).rounded())
        var points: [CutPoint] = []
        for start in stride(from: 0, to: pauses.levels.count, by: length) {
            let cell = start..<min(start + length, pauses.levels.count)
            let quietest = cell.min { rank($0, pauses) < rank($1, pauses) } ?? start
            points.append(
                CutPoint(
                    seconds: (Double(quietest) + 0.5) * Pauses.frameSeconds,
                    cost: cost(ofFrame: quietest, pauses)
                )
            )
        }
        // The sound may end before the pictures.
        let end = Double(pauses.levels.count) * Pauses.frameSeconds
        return points
            + stride(from: end, to: seconds, by: grid).map {
                CutPoint(seconds: $0, cost: plainCost)
            }
    }

    /// Louder places of speech cost a little more.
    private static func cost(ofFrame frame: Int, _ pauses: Pauses) -> Double {
        guard pauses.isSpeech[frame] else { return plainCost + 2 }
        return speechCost + (pauses.levels[frame] + 100) / 50
    }

    /// Speech behind everything else, then by level.
    private static func rank(_ frame: Int, _ pauses: Pauses) -> Double {
        pauses.levels[frame] + (pauses.isSpeech[frame] ? 1000 : 0)
    }
}
