/// Chooses what lives in host memory, by bytes: spread evenly, so that between two chosen ones others compute.
public struct OffloadingChoice {
    private let share: Double
    private var walked = 0.0
    private var taken = 0.0

    /// Chooses until the bytes reach a share of all, 0...1.
    public init(share: Double) { self.share = min(max(share, 0), 1) }

    /// Whether the next one, of so many bytes, is chosen; the same way every time.
    public mutating func takes(_ size: Int) -> Bool {
        walked += Double(size) * share
        // Due when what was walked past asks for more than was taken; the margin is for rounding.
        guard walked - taken > 1e-9 * Double(size) else { return false }
        taken += Double(size)
        return true
    }
}
