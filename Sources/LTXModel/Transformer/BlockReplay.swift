import Torch

/// What a block's attentions found when it ran without a record, for the recorded pass that comes later.
///
/// The second pass has to make again what its derivatives read, which leaves out two things: the mixing of
/// the attentions, whose result is kept here (as large as the tokens, however many there are), and the
/// last product of the feed-forward parts, whose result nothing reads.
public final class BlockReplay {
    private var found: [(output: Tensor, sums: Tensor?)] = []
    private var next = 0
    /// Whether this is the second pass.
    public private(set) var isSecond = false

    /// Nothing found yet.
    public init() {}

    /// From now on what was found is given again, in the same order.
    public func begin() { (isSecond, next) = (true, 0) }

    /// As `Tensor.attention`.
    func attention(_ query: Tensor, key: Tensor, value: Tensor, bias: Tensor?, scale: Double)
        -> Tensor
    {
        guard isSecond else {
            found.append(
                query.attentionWithSums(key: key, value: value, bias: bias, scale: scale)
            )
            return found[found.count - 1].output
        }
        let known = found[next]
        next += 1
        guard let sums = known.sums else {
            return query.attention(key: key, value: value, bias: bias, scale: scale)
        }
        return query.knownAttention(
            key: key,
            value: value,
            bias: bias,
            scale: scale,
            output: known.output,
            sums: sums
        )
    }
}
