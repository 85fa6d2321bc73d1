import Torch

/// What a block found when it ran without a record, for the recorded pass that comes later.
///
/// The second pass has to make again what its derivatives read. That leaves out the last product of the
/// feed-forward parts, whose result nothing reads. If results are kept, it leaves out the mixing of the
/// attentions too, and the products behind them: what a stream was after each part is known.
public final class BlockReplay {
    private let keepsResults: Bool
    private var mixed: [(output: Tensor, sums: Tensor?)] = []
    private var states: [Int: Tensor] = [:]
    private var places = (mixed: 0, state: 0)
    private var isSecond = false

    /// Nothing found yet.
    public init(keepsResults: Bool) { self.keepsResults = keepsResults }

    /// From now on what was found is given again, in the same order.
    public func begin() { (isSecond, places) = (true, (0, 0)) }

    /// Bytes that are kept of a block for an item.
    ///
    /// - Parameters:
    ///   - config: sizes of the streams.
    ///   - video: tokens of the video stream.
    ///   - audio: tokens of the audio stream.
    ///   - width: bytes of a value.
    /// - Returns: bytes beside the block's input.
    public static func bytes(
        _ config: TransformerConfiguration,
        video: Int,
        audio: Int,
        width: Int
    ) -> Int {
        let (wide, narrow) = (config.video, config.audio)
        // Two attentions and three states of each stream, and both crossings, which are as wide as the sound.
        let values = video * (5 * wide.width + narrow.width) + audio * 6 * narrow.width
        let sums = video * (2 * wide.heads + narrow.heads) + audio * 3 * narrow.heads
        return values * width + sums * 4
    }

    /// As `Tensor.attention`.
    func attention(_ query: Tensor, key: Tensor, value: Tensor, bias: Tensor?, scale: Double)
        -> Tensor
    {
        guard keepsResults else {
            return query.attention(key: key, value: value, bias: bias, scale: scale)
        }
        guard isSecond else {
            let found = query.attentionWithSums(key: key, value: value, bias: bias, scale: scale)
            mixed.append(found)
            return found.output
        }
        let known = mixed[places.mixed]
        places.mixed += 1
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

    /// `x + change · gate`, where the change need not have values if the sum is known or nobody reads it.
    ///
    /// - Parameters:
    ///   - x: a stream before one of the block's parts.
    ///   - gate: factor on the change, 1 if nil.
    ///   - isLast: whether the sum is what the block gives, which the second pass does not read.
    ///   - change: what the part adds; told whether its values are read.
    /// - Returns: the stream after the part.
    func sum(
        _ x: Tensor,
        times gate: Tensor?,
        isLast: Bool = false,
        _ change: (_ hasValues: Bool) -> Tensor
    ) -> Tensor {
        places.state += 1
        let known = isLast ? x : states[places.state]
        if isSecond, let known, gate?.requiresGradient != true {
            return x.knownSum(change(false), times: gate, known: known)
        }
        let sum = x.adding(change(true), gate: gate)
        if keepsResults, !isSecond, !isLast { states[places.state] = sum }
        return sum
    }
}

extension Tensor {
    /// `self + change · gate`; a gate of nil is 1.
    func adding(_ change: Tensor, gate: Tensor?) -> Tensor {
        gate.map { adding(change, times: $0) } ?? self + change
    }
}
