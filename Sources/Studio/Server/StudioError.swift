public import HTTPTypes
import Hummingbird

/// An answer other than success: where, what is, what to do.
public struct StudioError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The status of the answer.
    public var status: HTTPResponse.Status
    /// The thing at fault: a file, a field, a header.
    public var place: String
    /// What is, and what should be.
    public var message: String
    /// What to do about it.
    public var fix: String
    /// Further headers of the answer.
    public var headers: HTTPFields

    /// An error with everything that its reader needs.
    public init(
        _ status: HTTPResponse.Status,
        _ place: String,
        _ message: String,
        fix: String,
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.place = place
        self.message = message
        self.fix = fix
        self.headers = headers
    }

    /// Reads `clips/a.mp4: does not exist; check the path`.
    public var description: String { "\(place): \(message); \(fix)" }
}

/// The JSON of an error.
struct ErrorAnswer: Codable, Equatable {
    struct Content: Codable, Equatable {
        let `where`: String
        let message: String
        let fix: String
    }
    let error: Content

    init(_ error: StudioError) {
        self.error = Content(where: error.place, message: error.message, fix: error.fix)
    }
}
