/// A recording or checkpoint that cannot be compared: where, what is, what should be, what to do.
public struct VerificationError: Error, Equatable, CustomStringConvertible {
    /// The full sentence.
    public let description: String

    init(_ description: String) { self.description = description }
}
