/// Why the clips of a run cannot be used; `kind` is for code, the rest for people.
public struct ClipDataError: Error, Equatable, CustomStringConvertible {
    /// What went wrong, for decisions in code.
    public enum Kind: Sendable, Equatable {
        /// A folder or list of clips is absent or unreadable.
        case noDataset
        /// A dataset holds nothing that can be trained on.
        case noClips
        /// A caption cannot be read.
        case badCaption
        /// Pictures or sound could not be decoded, or the encoder refused them.
        case undecodable
        /// A saved position belongs to other clips.
        case otherClips
        /// The caller asked to stop.
        case interrupted
    }

    /// What went wrong, for decisions in code.
    public let kind: Kind
    /// The dataset or the file.
    public let place: String
    /// What is and what should be.
    public let problem: String
    /// What to do about it.
    public let fix: String

    /// Reads `datasets[0] clips: is not there, should be a folder; correct folder_path`.
    public var description: String { "\(place): \(problem); \(fix)" }

    init(_ kind: Kind, at place: String, _ problem: String, fix: String) {
        self.kind = kind
        self.place = place
        self.problem = problem
        self.fix = fix
    }
}
