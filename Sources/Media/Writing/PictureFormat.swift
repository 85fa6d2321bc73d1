/// How a picture file is written.
public enum PictureFormat: Sendable, Equatable {
    /// Without loss.
    case png
    /// Quality 1...100, by the tables that libjpeg has; colours at full resolution.
    case jpeg(quality: Int)
    /// Quality 0...100, as libwebp counts it.
    case webp(quality: Int)

    /// The format that a file's name ends with; nil for other endings.
    ///
    /// - Parameters:
    ///   - path: a name such as `a/b.jpg`; capitals do not matter.
    ///   - quality: for the formats that have one.
    public init?(path: String, quality: Int = 90) {
        let name = path.split(separator: "/").last ?? ""
        switch name.split(separator: ".").last?.lowercased() {
        case "png": self = .png
        case "jpg", "jpeg": self = .jpeg(quality: quality)
        case "webp": self = .webp(quality: quality)
        default: return nil
        }
    }

    /// FFmpeg's name of the encoder.
    var encoder: String {
        switch self {
        case .png: "png"
        case .jpeg: "mjpeg"
        case .webp: "libwebp"
        }
    }

    /// What the format is called in messages.
    var name: String {
        switch self {
        case .png: "a PNG picture"
        case .jpeg: "a JPEG picture"
        case .webp: "a WebP picture"
        }
    }
}
