/// How a dataset wants its clips cut into windows.
public struct WindowRules: Sendable, Equatable {
    /// Pictures per window as written in the run file; 1 makes an image set.
    public var frameCount: Int
    /// Pictures per second that the model is told.
    public var rate: Double
    /// Whether each clip sets its own number of pictures; `frameCount` is then not used.
    public var takesWholeClip: Bool
    /// With `takesWholeClip`: cut the tail in real time (true) or squeeze the clip (false).
    public var trimsTail: Bool
    /// Whether the run file asks for clips to be stretched or squeezed to the window's length.
    public var stretches: Bool
    /// The most windows that one clip gives.
    public var mostPerClip: Int

    /// Makes the rules; without arguments those of an image set.
    public init(
        frameCount: Int = 1,
        rate: Double = 24,
        takesWholeClip: Bool = false,
        trimsTail: Bool = true,
        stretches: Bool = false,
        mostPerClip: Int = 8
    ) {
        self.frameCount = frameCount
        self.rate = rate
        self.takesWholeClip = takesWholeClip
        self.trimsTail = trimsTail
        self.stretches = stretches
        self.mostPerClip = mostPerClip
    }

    /// Whether videos belong into this set at all.
    public var isVideoSet: Bool { frameCount > 1 || takesWholeClip }

    /// The asked number of pictures, snapped down to 8k + 1, at least 9.
    ///
    /// - Source: the video VAE takes one picture and then groups of eight.
    public var snappedFrameCount: Int { max(9, Self.snapped(frameCount)) }

    /// The largest 8k + 1 that is not above `count`; 1 for anything smaller.
    public static func snapped(_ count: Int) -> Int { max(0, count - 1) / 8 * 8 + 1 }
}

/// Where windows lie in a clip, and what a maker should know about it.
public struct WindowChoice: Sendable, Equatable {
    /// The windows in order; empty when the clip is refused.
    public var windows: [Window]
    /// What was changed from what the run file asks.
    public var notes: [ClipNote]
    /// Why there is no window.
    public var refusal: String?

    static func refused(_ reason: String) -> WindowChoice {
        WindowChoice(windows: [], notes: [], refusal: reason)
    }
}
