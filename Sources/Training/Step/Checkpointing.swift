/// Which blocks are computed again in the backward pass, instead of keeping a record of what they did.
public struct Checkpointing: Equatable, Sendable {
    private let interval: Int
    /// Whether of blocks that run twice more is kept than what they were given: what their attentions gave and
    /// what the streams were after each part, so that the second pass has less to do.
    public var keepsResults = false

    /// Every block: the least memory.
    public static let all = Checkpointing(interval: 1)
    /// No block: the fewest operations.
    public static let none = Checkpointing(interval: 0)

    /// Every n-th block, from the first.
    public static func every(_ interval: Int) -> Checkpointing {
        Checkpointing(interval: max(1, interval))
    }

    /// Whether a block is computed again.
    public func recomputes(_ block: Int) -> Bool {
        interval > 0 && block.isMultiple(of: interval)
    }

    private init(interval: Int) { self.interval = interval }
}
