/// Why a model cannot be found or fetched; `kind` is for code, the rest for people.
public struct ModelHubError: Error, Equatable, CustomStringConvertible {
    /// What went wrong, for decisions in code.
    public enum Kind: Sendable, Equatable {
        /// The text is neither a path that exists nor an id of the hub.
        case invalidID
        /// The file is a pickle, which can run any code when loaded.
        case pickle
        /// The file is of a kind that is never fetched or loaded.
        case unsupportedFile
        /// The model lacks files that are needed.
        case missingFiles
        /// The model is not on this machine, and the hub may not be asked.
        case offline
        /// The hub wants a token, or does not take the one it got.
        case unauthorized
        /// The owner of the token has not accepted the model's licence.
        case licenceNotAccepted
        /// The hub has no such repository, revision or file.
        case notFound
        /// No space is left where the files should go.
        case diskFull
        /// The bytes that came are not those that the hub announced.
        case corrupt
        /// The hub cannot be reached, breaks off, or answers in a way that no hub does.
        case network
        /// The system refused to write.
        case unwritable
    }

    /// What went wrong, for decisions in code.
    public let kind: Kind
    /// The id, address or file.
    public let place: String
    /// What is and what should be.
    public let problem: String
    /// What to do about it.
    public let fix: String

    init(_ kind: Kind, at place: String, _ problem: String, fix: String) {
        self.kind = kind
        self.place = place
        self.problem = problem
        self.fix = fix
    }

    /// Reads `org/repo: is not on the hub, should be a repository; check the spelling`.
    public var description: String { "\(place): \(problem); \(fix)" }
}
