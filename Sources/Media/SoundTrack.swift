/// A stretch of stereo sound on the file's own sample grid; silent where nothing was put.
struct SoundTrack {
    let sampleRate: Int
    /// Position of the first sample of the stretch, counted from time 0 of the file's clock.
    let start: Int
    private(set) var samples: [[Float]]  // [2, N]

    init(sampleRate: Int, start: Int, count: Int) {
        self.sampleRate = sampleRate
        self.start = start
        samples = Array(repeating: [Float](repeating: 0, count: count), count: 2)
    }

    var end: Int { start + (samples.first?.count ?? 0) }

    /// Puts a piece of sound at its position and drops what lies outside.
    mutating func put(_ piece: [[Float]], at position: Int) {
        for channel in samples.indices {
            let from = max(position, start)
            let to = min(position + piece[channel].count, end)
            guard from < to else { continue }
            samples[channel].replaceSubrange(
                from - start..<to - start,
                with: piece[channel][from - position..<to - position]
            )
        }
    }
}
