/// What a file holds, found by reading all of its packets but decoding (almost) none.
public struct MediaInfo: Sendable, Equatable {
    /// The file, as it was named by the caller.
    public let path: String
    /// The best video stream, or the picture; `nil` for a sound file.
    public let video: VideoStreamInfo?
    /// The best sound stream; `nil` if there is none, or none that holds a packet.
    public let audio: AudioStreamInfo?
    /// Seconds from the first picture to the end of the last one (of the sound if there are no
    /// pictures); 0 for a still picture.
    public let duration: Double
    /// Whether this is a still picture.
    public let isImage: Bool
    /// Texts that the file carries, by key: `title`, `comment`, or whatever its writer put there.
    public let metadata: [String: String]

    /// Makes a description from its parts.
    public init(
        path: String,
        video: VideoStreamInfo?,
        audio: AudioStreamInfo?,
        duration: Double,
        isImage: Bool,
        metadata: [String: String] = [:]
    ) {
        self.path = path
        self.video = video
        self.audio = audio
        self.duration = duration
        self.isImage = isImage
        self.metadata = metadata
    }
}

/// A video stream as it is presented: edit list, rotation and sample aspect are applied.
public struct VideoStreamInfo: Sendable, Equatable {
    /// FFmpeg's name of the codec, such as `h264`.
    public let codec: String
    /// Width as shown, in pixels.
    public let width: Int
    /// Height as shown, in pixels.
    public let height: Int
    /// Number of pictures that are presented; counted, not taken from a header.
    public let frameCount: Int
    /// Average rate in pictures per second; 0 for a still picture.
    public let frameRate: Double
    /// Whether the pictures are not evenly spaced (by more than 5 % and the file's clock tick).
    public let isVariableFrameRate: Bool
    /// Clockwise turn from the stored to the shown picture: 0, 90, 180 or 270 degrees.
    public let rotation: Int
    /// FFmpeg's name of the pixel format, such as `yuv420p10le`.
    public let pixelFormat: String
    /// Whether the brightness curve is PQ or HLG; such pictures are not tone mapped when decoded
    /// and look flat.
    public let isHDR: Bool

    /// Makes a description from its parts.
    public init(
        codec: String,
        width: Int,
        height: Int,
        frameCount: Int,
        frameRate: Double,
        isVariableFrameRate: Bool,
        rotation: Int,
        pixelFormat: String,
        isHDR: Bool
    ) {
        self.codec = codec
        self.width = width
        self.height = height
        self.frameCount = frameCount
        self.frameRate = frameRate
        self.isVariableFrameRate = isVariableFrameRate
        self.rotation = rotation
        self.pixelFormat = pixelFormat
        self.isHDR = isHDR
    }
}

/// A sound stream.
public struct AudioStreamInfo: Sendable, Equatable {
    /// FFmpeg's name of the codec, such as `aac`.
    public let codec: String
    /// Samples per second and channel.
    public let sampleRate: Int
    /// Number of channels.
    public let channels: Int
    /// FFmpeg's name of the speaker layout, such as `stereo` or `5.1(side)`.
    public let layout: String
    /// Seconds of sound, without the encoder's priming and padding.
    public let duration: Double

    /// Makes a description from its parts.
    public init(
        codec: String,
        sampleRate: Int,
        channels: Int,
        layout: String,
        duration: Double
    ) {
        self.codec = codec
        self.sampleRate = sampleRate
        self.channels = channels
        self.layout = layout
        self.duration = duration
    }
}
