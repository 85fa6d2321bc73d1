/// What a chosen rank cuts off a change of a matrix, or off all changes of a file together.
public struct Truncation: Sendable, Equatable {
    /// `‖ΔW‖`.
    public var whole: Double
    /// `‖ΔW − B A‖`.
    public var lost: Double

    /// The lost share: 0 to 1.
    public var share: Double { whole > 0 ? lost / whole : 0 }

    /// Norms of one layer.
    public init(whole: Double, lost: Double) { (self.whole, self.lost) = (whole, lost) }

    /// Norms over all of them together; nil if there are none.
    public init?(_ parts: some Collection<Truncation>) {
        guard !parts.isEmpty else { return nil }
        whole = parts.reduce(0) { $0 + $1.whole * $1.whole }.squareRoot()
        lost = parts.reduce(0) { $0 + $1.lost * $1.lost }.squareRoot()
    }
}
