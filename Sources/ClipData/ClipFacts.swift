/// What planning needs to know of a file's streams; filled in by probing.
public struct ClipFacts: Sendable, Equatable {
    /// Width in pixels as shown, after rotation.
    public var width: Int
    /// Height in pixels as shown, after rotation.
    public var height: Int
    /// Number of pictures; 1 for an image.
    public var frameCount: Int
    /// Pictures per second, on average where the rate varies.
    public var frameRate: Double
    /// Length of the pictures in seconds.
    public var seconds: Double
    /// Whether this is a still image.
    public var isImage: Bool
    /// Whether the file has a sound stream; what is in it shows when it is decoded.
    public var hasSound: Bool
    /// Channels of the sound; 0 without any.
    public var channels: Int
    /// Whether pictures come at a varying rate.
    public var isVariableRate: Bool
    /// Whether the picture is coded for a high dynamic range.
    public var isHighDynamicRange: Bool

    /// Makes the facts of a clip.
    public init(
        width: Int,
        height: Int,
        frameCount: Int,
        frameRate: Double,
        seconds: Double? = nil,
        isImage: Bool = false,
        hasSound: Bool = true,
        channels: Int = 2,
        isVariableRate: Bool = false,
        isHighDynamicRange: Bool = false
    ) {
        self.width = width
        self.height = height
        self.frameCount = frameCount
        self.frameRate = frameRate
        self.seconds = seconds ?? (frameRate > 0 ? Double(frameCount) / frameRate : 0)
        self.isImage = isImage
        self.hasSound = hasSound
        self.channels = hasSound ? channels : 0
        self.isVariableRate = isVariableRate
        self.isHighDynamicRange = isHighDynamicRange
    }
}
