/// Why a file cannot be read or written; `kind` is for code, the rest for people.
public struct SafetensorsError: Error, Equatable, CustomStringConvertible {
    /// What went wrong, for decisions in code.
    public enum Kind: Sendable, Equatable {
        /// The file cannot be opened, mapped or listed.
        case unreadable
        /// The bytes are not what the format says.
        case malformed
        /// The files hold no tensor of that name.
        case missingTensor
        /// The tensor's type cannot be given as floats.
        case unsupportedType
        /// What the caller wants to write does not fit the format or its own announcement.
        case invalidRequest
        /// The system refused to write.
        case unwritable
        /// No space is left where the file should go.
        case diskFull
    }

    /// What went wrong, for decisions in code.
    public let kind: Kind
    /// The file and, where known, the tensor or the byte.
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

    /// Reads `model.safetensors: is 3 bytes long, should be at least 8; download it again`.
    public var description: String { "\(place): \(problem); \(fix)" }
}
