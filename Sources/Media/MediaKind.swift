/// What a file holds, told by the ending of its name.
public enum MediaKind: Sendable, Equatable, CaseIterable {
    /// A still picture.
    case image
    /// Moving pictures, with or without sound.
    case video

    /// Endings of picture files, lower case, without the dot.
    public static let imageExtensions = ["jpg", "jpeg", "png", "webp"]
    /// Endings of video files, lower case, without the dot.
    public static let videoExtensions = ["mp4", "avi", "mov", "webm", "mkv", "wmv", "m4v", "flv"]

    /// Tells the kind from a path, in any case of letters; `nil` for files that are neither.
    public init?(path: String) {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let ending = name[name.index(after: dot)...].lowercased()
        guard let kind = Self.allCases.first(where: { $0.extensions.contains(ending) }) else {
            return nil
        }
        self = kind
    }

    /// Endings of this kind of file, lower case, without the dot.
    public var extensions: [String] {
        switch self {
        case .image: Self.imageExtensions
        case .video: Self.videoExtensions
        }
    }
}
