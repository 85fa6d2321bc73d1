/// The pictures of a movie that is written.
public struct MoviePictures: Sendable, Equatable {
    /// Columns, an even number.
    public var width: Int
    /// Rows, an even number.
    public var height: Int
    /// Pictures per second.
    public var frameRate: Double
    /// x264's constant rate factor: 0 is lossless, 17 looks as the source does, 51 is the worst.
    public var quality: Int

    /// Describes pictures of one size and rate.
    public init(width: Int, height: Int, frameRate: Double, quality: Int = 17) {
        self.width = width
        self.height = height
        self.frameRate = frameRate
        self.quality = quality
    }

    /// The sides that are accepted.
    static let sides = 16...FrameGeometry.largestSide

    func check(for file: String) throws(MediaError) -> ExactRate {
        guard Self.sides.contains(width), Self.sides.contains(height) else {
            throw .cannotWrite(
                file,
                "pictures of \(width)x\(height) pixels were asked for",
                "use sides from \(Self.sides.lowerBound) to \(Self.sides.upperBound)"
            )
        }
        guard width % 2 == 0, height % 2 == 0 else {
            throw .cannotWrite(
                file,
                "pictures of \(width)x\(height) pixels were asked for, and H.264 with colours at "
                    + "half resolution needs even sides",
                "use a width and a height that 2 divides (the model makes multiples of 32)"
            )
        }
        guard (0...51).contains(quality) else {
            throw .cannotWrite(
                file,
                "a quality of \(quality) was asked for",
                "use 0 (lossless) to 51 (worst); 17 looks as the source does"
            )
        }
        guard let rate = ExactRate(frameRate) else {
            throw .cannotWrite(
                file,
                "\(MediaError.readable(frameRate)) pictures per second were asked for",
                "use a rate from 0.01 to 1000"
            )
        }
        return rate
    }
}

/// The sound of a movie that is written.
public struct MovieSound: Sendable, Equatable {
    /// Samples per second and channel; those of AAC: 16000, 24000, 44100, 48000 and others.
    public var sampleRate: Int
    /// One or two.
    public var channels: Int
    /// Whether the sound will be encoded again later: as many bits as keep what a further encoding needs.
    public var isMaster = false

    /// Describes sound.
    public init(sampleRate: Int, channels: Int) {
        self.sampleRate = sampleRate
        self.channels = channels
    }

    /// Bits per second: what FFmpeg's AAC needs to sound as the source does, and half as much again for a
    /// master; AAC itself takes 6 for each sample.
    var bitRate: Int64 {
        Int64(channels)
            * Int64(isMaster ? min(192_000, 6 * sampleRate) : min(128_000, 4 * sampleRate))
    }

    func check(for file: String) throws(MediaError) {
        guard (1...2).contains(channels), (7350...96000).contains(sampleRate) else {
            throw .cannotWrite(
                file,
                "sound with \(channels) channels at \(sampleRate) Hz was asked for",
                "use 1 or 2 channels at a rate that AAC has: 16000, 24000, 44100 or 48000 Hz"
            )
        }
    }
}

/// What is written into a file beside its pictures and sound: texts by key.
///
/// Players show `title`, `comment` and `description`. Other keys, such as `prompt` or `seed`,
/// are kept as they are; `ffprobe -show_format` and `MediaInfo.metadata` give them back.
public struct MovieMetadata: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// Texts by key.
    public var values: [String: String]

    /// Takes texts by key.
    public init(_ values: [String: String] = [:]) { self.values = values }

    /// Takes texts by key; of equal keys the last one counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        values = Dictionary(elements) { $1 }
    }

    func check(for file: String) throws(MediaError) {
        let bad = values.keys.sorted().first { $0.isEmpty || $0.contains("\0") }
        let badValue = values.keys.sorted().first { values[$0]?.contains("\0") == true }
        guard let key = bad ?? badValue else { return }
        throw .cannotWrite(
            file,
            "the metadata has an empty key, or a zero character, at \"\(key.filter { $0 != "\0" })\"",
            "give each text a name, and leave zero characters out"
        )
    }
}

/// What a written movie has come to.
public struct MovieResult: Sendable, Equatable {
    /// Number of pictures; 0 for sound alone.
    public let frameCount: Int
    /// Samples per channel; 0 without sound.
    public let sampleCount: Int
    /// Samples of silence that were added because the sound was shorter than the pictures.
    public let paddedSamples: Int
    /// Samples that were left out because the sound was longer than the pictures.
    public let droppedSamples: Int
    /// Length in seconds.
    public let seconds: Double
}
