/// An input that a model cannot take: what is, what should be, what to do.
public struct ModelInputError: Error, Equatable, CustomStringConvertible {
    /// The full sentence.
    public let description: String

    /// An error with its full sentence.
    public init(_ description: String) { self.description = description }
}
