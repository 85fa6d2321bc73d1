import Torch

/// What a block's attentions found when it ran without a record, for the recorded pass that comes later.
///
/// The second pass has to make again what its derivatives read, which leaves out the last product of the
/// feed-forward parts, whose result nothing reads; and the mixing of the attentions, if its result is kept here.
public final class BlockReplay {
    private let keepsAttention: Bool
    private var found: [(output: Tensor, sums: Tensor?)] = []
    private var next = 0
    /// Whether this is the second pass.
    public private(set) var isSecond = false

    /// Nothing found yet.
    public init(keepsAttention: Bool) { self.keepsAttention = keepsAttention }

    /// Bytes that are kept of a block for an item.
    ///
    /// - Parameters:
    ///   - video: tokens of the video stream.
    ///   - audio: tokens of the audio stream.
    ///   - width: bytes of a value.
    public static func bytes(
        _ config: TransformerConfiguration,
        video: Int,
        audio: Int,
        width: Int
    ) -> Int {
        let values =
            video * (2 * config.video.width + config.audio.width) + audio * 3 * config.audio.width
        let sums =
            video * (2 * config.video.heads + config.audio.heads) + audio * 3 * config.audio.heads
        return values * width + sums * 4
    }

    /// From now on what was found is given again, in the same order.
    public func begin() { (isSecond, next) = (true, 0) }

    /// As `Tensor.attention`.
    func attention(_ query: Tensor, key: Tensor, value: Tensor, bias: Tensor?, scale: Double)
        -> Tensor
    {
        guard keepsAttention else {
            return query.attention(key: key, value: value, bias: bias, scale: scale)
        }
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
