/// How a source picture was scaled, cropped and mirrored.
public struct CacheGeometry: Sendable, Hashable, Codable {
    /// Width after scaling, in pixels.
    public let scaledWidth: Int
    /// Height after scaling, in pixels.
    public let scaledHeight: Int
    /// Left edge of the crop.
    public let cropX: Int
    /// Top edge of the crop.
    public let cropY: Int
    /// Width of the crop.
    public let width: Int
    /// Height of the crop.
    public let height: Int
    /// Whether left and right are exchanged, in the picture and in the stereo field.
    public let flipX: Bool
    /// Whether top and bottom are exchanged.
    public let flipY: Bool

    /// Names a geometry.
    public init(
        scaledWidth: Int,
        scaledHeight: Int,
        cropX: Int,
        cropY: Int,
        width: Int,
        height: Int,
        flipX: Bool = false,
        flipY: Bool = false
    ) {
        self.scaledWidth = scaledWidth
        self.scaledHeight = scaledHeight
        self.cropX = cropX
        self.cropY = cropY
        self.width = width
        self.height = height
        self.flipX = flipX
        self.flipY = flipY
    }

    var text: String {
        let flips = (flipX ? " x" : "") + (flipY ? " y" : "")
        return "\(scaledWidth)x\(scaledHeight) crop \(cropX),\(cropY) \(width)x\(height)\(flips)"
    }
}

/// What an entry is the encoding of: everything that changes the video latents.
///
/// Whether sound is wanted is no part of the key but of the question (`CacheNeeds`): a run without
/// sound takes an entry that has it, and a run with sound replaces one that lacks it.
public struct CacheKey: Sendable, Hashable, Codable {
    /// Raised whenever an older entry must not be read any more.
    public static let schema = 1

    /// The clip's file name without its ending: for people, not part of the digest.
    public let stem: String
    /// SHA-256 of the clip's bytes, in hex.
    public let contentHash: String
    /// Seconds after the clip's first picture.
    public let start: Double
    /// Length of the window in the clip's own time, in seconds.
    public let seconds: Double
    /// When the pictures are taken, in seconds after the clip's first picture.
    public let frameTimes: [Double]
    /// Pictures per second that the model is told.
    public let fps: Double
    /// Scale, crop and flips.
    public let geometry: CacheGeometry
    /// Fingerprint of the encoders' weights.
    public let encoderFingerprint: String

    /// Names an entry.
    public init(
        stem: String,
        contentHash: String,
        start: Double,
        seconds: Double,
        frameTimes: [Double],
        fps: Double,
        geometry: CacheGeometry,
        encoderFingerprint: String
    ) {
        self.stem = stem
        self.contentHash = contentHash
        self.start = start
        self.seconds = seconds
        self.frameTimes = frameTimes
        self.fps = fps
        self.geometry = geometry
        self.encoderFingerprint = encoderFingerprint
    }

    /// SHA-256 over all fields but the stem, 64 hex digits.
    public var digest: String {
        Digest.hex(
            ofFields: [
                "schema": "\(Self.schema)",
                "content": contentHash,
                "window": "\(start) \(seconds)",
                "times": frameTimes.map { "\($0)" }.joined(separator: " "),
                "fps": "\(fps)",
                "geometry": geometry.text,
                "encoder": encoderFingerprint,
            ]
        )
    }

    /// The entry's file name: `<stem>_<16 hex>.safetensors`.
    public var fileName: String {
        // File systems take 255 bytes; the digest alone tells entries apart.
        let stem = String(decoding: stem.utf8.prefix(180), as: UTF8.self)
        return "\(stem)_\(digest.prefix(16)).safetensors"
    }
}
