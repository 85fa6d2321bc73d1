/// An adapter file that is used, and how strongly.
public struct AdapterChoice: Equatable, Sendable {
    /// The file.
    public var path: String
    /// Its strengths.
    public var strengths: PathwayStrengths

    /// A file with its strengths.
    public init(path: String, strengths: PathwayStrengths = .whole) {
        self.path = path
        self.strengths = strengths
    }

    /// Reads `FILE`, `FILE:0.8` or `FILE:face=1,voice=0.5`.
    ///
    /// What stands behind the last colon is taken for strengths unless it holds a slash, or a dot without
    /// being a number: then it belongs to the file's name.
    ///
    /// - Throws: `AdapterChoiceError` for strengths that cannot be read.
    public init(parsing text: String) throws(AdapterChoiceError) {
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else {
            self.init(path: text)
            return
        }
        let rest = String(text[text.index(after: colon)...])
        guard Self.isStrengths(rest) else {
            self.init(path: text)
            return
        }
        self.init(
            path: String(text[..<colon]),
            strengths: try PathwayStrengths(parsing: rest, at: text)
        )
    }

    private static func isStrengths(_ text: String) -> Bool {
        if text.contains("/") { return false }
        return text.contains("=") || Double(text) != nil || !text.contains(".")
    }
}

/// Why strengths of an adapter cannot be read.
public enum AdapterChoiceError: Error, Equatable, CustomStringConvertible {
    case unknownName(_ place: String, _ name: String)
    case noNumber(_ place: String, _ name: String?, _ written: String)

    /// Where, what is, what should be, what to do.
    public var description: String {
        switch self {
        case .unknownName(let place, let name):
            "\(place): \"\(name)\" is no part of the model, should be one of "
                + PathwayStrengths.names.joined(separator: ", ")
                + ", face (video and audio_to_video) or voice (audio and video_to_audio); correct it"
        case .noNumber(let place, let name, let written):
            "\(place): the strength\(name.map { " of \($0)" } ?? "") is \"\(written)\", should be a number "
                + "such as 0.8; write FILE:0.8 or FILE:face=1,voice=0.5"
        }
    }
}
