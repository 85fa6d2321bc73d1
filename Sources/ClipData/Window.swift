/// A stretch of a clip that becomes one training item.
public struct Window: Sendable, Hashable {
    /// Seconds after the clip's first picture.
    public let start: Double
    /// Length in the clip's own time: `frameCount / rate` unless the window is stretched.
    public let seconds: Double
    /// Number of pictures, 8k + 1.
    public let frameCount: Int
    /// Pictures per second that the model is told.
    public let rate: Double

    /// Makes a window in real time, or a stretched one where `seconds` says so.
    public init(start: Double, frameCount: Int, rate: Double, seconds: Double? = nil) {
        self.start = start
        self.frameCount = frameCount
        self.rate = rate
        self.seconds = seconds ?? Double(frameCount) / rate
    }

    /// When the pictures are taken, in seconds after the clip's first picture.
    public var frameTimes: [Double] {
        (0..<frameCount).map { start + Double($0) * seconds / Double(frameCount) }
    }

    /// Length as the model sees it, in seconds.
    public var shownSeconds: Double { Double(frameCount) / rate }

    /// Shown length divided by real length: above 1 the window plays too slowly.
    public var stretch: Double { shownSeconds / seconds }
}
