/// Why a tokenizer cannot be used.
///
/// Reads `gemma/tokenizer.model: ends inside piece 17, should be complete; download it again`.
public struct TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of fault it is, for code; the text is for people.
    public enum Kind: Equatable, Sendable {
        /// The file cannot be read.
        case unreadable
        /// The bytes are no complete SentencePiece model.
        case damaged
        /// It is a SentencePiece model, but not one of Gemma's kind.
        case foreign
        /// libsentencepiece refused the model or the text.
        case library
        /// The length limit leaves no room for the begin token.
        case limit
    }

    /// What kind of fault it is.
    public let kind: Kind
    /// The file, or what took its place.
    public let place: String
    /// What is, and what should be.
    public let problem: String
    /// What to do.
    public let fix: String

    /// Place, problem and remedy in one line.
    public var description: String { "\(place): \(problem); \(fix)" }
}
