/// Which frames of two sounds belong together.
enum VoiceAlignment {
    /// The longest sound that is aligned, in frames: a minute.
    static let longest = 6000
    /// Frames that are compared each with each.
    private static let mostFrames = 2000

    /// Dynamic time warping: pairs of frames from both begins to both ends, with the smallest sum of
    /// distances, each step one frame on in one sound or in both.
    static func path(_ a: [[Double]], _ b: [[Double]]) -> [(Int, Int)] {
        guard !a.isEmpty, !b.isEmpty else { return [] }
        var before = [Double](repeating: .infinity, count: b.count)
        var steps = [UInt8](repeating: 0, count: a.count * b.count)
        for i in a.indices {
            var row = before
            for j in b.indices {
                let both = i > 0 && j > 0 ? before[j - 1] : .infinity
                let first = i > 0 ? before[j] : .infinity
                let second = j > 0 ? row[j - 1] : .infinity
                let best = min(both, first, second)
                steps[i * b.count + j] = best == both ? 0 : best == first ? 1 : 2
                row[j] = (best.isFinite ? best : 0) + MelCepstrum.distance(a[i], b[j])
            }
            before = row
        }
        return walk(steps, a.count, b.count)
    }

    private static func walk(_ steps: [UInt8], _ rows: Int, _ columns: Int) -> [(Int, Int)] {
        var (i, j) = (rows - 1, columns - 1)
        var pairs = [(i, j)]
        while i > 0 || j > 0 {
            let step = i == 0 ? 2 : j == 0 ? 1 : steps[i * columns + j]
            if step != 2 { i -= 1 }
            if step != 1 { j -= 1 }
            pairs.append((i, j))
        }
        return pairs.reversed()
    }

    /// Mean distance of each frame and the nearest one of the other sound, over both directions.
    static func nearest(_ a: [[Double]], _ b: [[Double]]) -> Double {
        let (a, b) = (thinned(a), thinned(b))
        var forward = [Double](repeating: .infinity, count: a.count)
        var backward = [Double](repeating: .infinity, count: b.count)
        for i in a.indices {
            for j in b.indices {
                let distance = MelCepstrum.distance(a[i], b[j])
                if distance < forward[i] { forward[i] = distance }
                if distance < backward[j] { backward[j] = distance }
            }
        }
        return (forward.mean + backward.mean) / 2
    }

    /// Evenly chosen frames, at most `mostFrames`.
    private static func thinned(_ frames: [[Double]]) -> [[Double]] {
        guard frames.count > mostFrames else { return frames }
        return (0..<mostFrames).map { frames[$0 * frames.count / mostFrames] }
    }
}
