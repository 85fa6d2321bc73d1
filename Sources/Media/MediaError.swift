/// Why a file cannot be used; `kind` is for code, the rest for people.
public struct MediaError: Error, Equatable, CustomStringConvertible {
    /// The kinds of failure that code may want to tell apart.
    public enum Kind: Sendable, Equatable {
        /// No such file, or one that may not be read.
        case notFound
        /// Neither a video, a picture nor a sound file.
        case notMedia
        /// Pictures were asked of a file that has none.
        case noVideo
        /// The clip ends before what was asked of it.
        case tooShort
        /// Part of the file is missing.
        case truncated
        /// A picture or a stretch of sound is damaged.
        case undecodable
        /// A valid file that this build of FFmpeg or this program cannot read.
        case unsupported
        /// The request makes no sense for any file.
        case invalidRequest
        /// A file that cannot be written: where it should be, or what it should hold.
        case notWritable
        /// No memory left.
        case outOfMemory
    }

    /// What went wrong, for code.
    public let kind: Kind
    /// The file, as it was named by the caller.
    public let file: String
    /// Where in the file, in seconds after its first picture; `nil` if it concerns all of it.
    public let seconds: Double?
    /// What is, and what should be.
    public let problem: String
    /// What to do about it.
    public let fix: String

    /// Makes an error from its parts.
    public init(kind: Kind, file: String, seconds: Double? = nil, problem: String, fix: String) {
        self.kind = kind
        self.file = file
        self.seconds = seconds
        self.problem = problem
        self.fix = fix
    }

    /// Reads `clip.mp4 at 3.2 s: the picture is damaged; export the clip again`.
    public var description: String {
        guard let seconds else { return "\(file): \(problem); \(fix)" }
        return "\(file) at \(Self.readable(seconds)) s: \(problem); \(fix)"
    }

    /// A time or a rate for people: at most three decimals.
    static func readable(_ value: Double) -> String {
        guard abs(value) < 1e12 else { return "\(value)" }
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}

extension MediaError {
    static func outOfMemory(_ file: String) -> MediaError {
        MediaError(
            kind: .outOfMemory,
            file: file,
            problem: "there is no memory left for it",
            fix: "close other programs or choose a smaller resolution"
        )
    }
}
