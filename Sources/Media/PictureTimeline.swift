/// When each picture of a clip is on screen.
struct PictureTimeline: Sendable {
    /// Presentation times in ticks of the stream, ascending.
    let ticks: [Int64]
    /// Seconds per tick.
    let tick: Double
    /// Seconds that the last picture stays on screen.
    let lastDuration: Double

    init(ticks: [Int64], tick: Double, lastTicks: Int64, declaredRate: Double) {
        self.ticks = ticks
        self.tick = tick
        let rate = Self.rate(ticks, tick, declared: declaredRate)
        frameRate = rate
        lastDuration = lastTicks > 0 ? Double(lastTicks) * tick : (rate > 0 ? 1 / rate : 0)
    }

    /// Average rate in pictures per second; 0 if unknown.
    let frameRate: Double

    /// Seconds on the file's clock of the first picture.
    var origin: Double { ticks.first.map { Double($0) * tick } ?? 0 }

    /// Seconds from the first picture to the end of the last one.
    var duration: Double { ticks.isEmpty ? 0 : time(ticks.count - 1) + lastDuration }

    /// Seconds after the first picture at which a picture appears.
    func time(_ index: Int) -> Double { Double(ticks[index] - ticks[0]) * tick }

    /// Whether a gap differs from the average by more than 5 % and by more than a tick.
    var isVariable: Bool {
        guard ticks.count > 2 else { return false }
        let average = Double(ticks[ticks.count - 1] - ticks[0]) / Double(ticks.count - 1)
        return zip(ticks, ticks.dropFirst()).contains { earlier, later in
            let difference = abs(Double(later - earlier) - average)
            return difference > 1.001 && difference > 0.05 * average
        }
    }

    /// The picture on screen at a time, or the next one if that is less than half a picture away:
    /// times that are computed from another rate fall a little before or behind the picture meant.
    ///
    /// - Returns: nil before the first or behind the last picture.
    func index(at time: Double) -> Int? {
        let half = frameRate > 0 ? 0.5 / frameRate : 0
        let tolerance = max(0, half - 1e-6)
        guard !ticks.isEmpty, time >= -half, time < duration + tolerance else { return nil }
        var (low, high) = (0, ticks.count)  // the first picture that appears after `time`
        while low < high {
            let middle = (low + high) / 2
            if self.time(middle) <= time { low = middle + 1 } else { high = middle }
        }
        let current = max(0, low - 1)
        guard low > 0, low < ticks.count else { return current }
        let ownHalf = (self.time(low) - self.time(current)) / 2
        return self.time(low) - time < min(tolerance, ownHalf) ? low : current
    }

    /// The picture with this presentation time; nil if there is none.
    func index(ofTick wanted: Int64) -> Int? {
        var (low, high) = (0, ticks.count)
        while low < high {
            let middle = (low + high) / 2
            if ticks[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low < ticks.count && ticks[low] == wanted ? low : nil
    }

    /// The rate from the times; the declared one if the times, rounded to ticks, agree with it.
    private static func rate(_ ticks: [Int64], _ tick: Double, declared: Double) -> Double {
        guard let first = ticks.first, let last = ticks.last, last > first else { return declared }
        let span = Double(last - first) * tick
        let measured = Double(ticks.count - 1) / span
        return abs(declared - measured) <= measured * 1.5 * tick / span ? declared : measured
    }
}
