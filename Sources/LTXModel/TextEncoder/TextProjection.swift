public import Torch

// Axes: S text tokens, D width of a hidden state, L hidden states, Dv and Da widths of the features.

/// A prompt behind the projection, at its real length: what is worth keeping on disk.
public struct TextFeatures {
    /// Features for the video stream, `[S, Dv]`.
    public let video: Tensor
    /// Features for the audio stream, `[S, Da]`; nil where both share one projection (LTX-2.0).
    public let audio: Tensor?

    /// What the audio stream's connector is given.
    public var forAudio: Tensor { audio ?? video }

    /// Joins the features of a prompt.
    public init(video: Tensor, audio: Tensor? = nil) {
        self.video = video
        self.audio = audio
    }
}

/// Hidden states of the text encoder, normalised and projected to one vector per token.
public final class TextProjection {
    private let normalization: FeatureNormalization
    private let heads: [Head]
    private let hiddenWidth: Int
    private let stateCount: Int

    /// One matrix over all channels of all states; the state is the fast index of its input.
    private struct Head {
        let weight: Tensor  // [out, D · L]
        let bias: Tensor?  // [out]
        let factor: Double
    }

    /// Reads `aggregate_embed`, or `video_aggregate_embed` and `audio_aggregate_embed`.
    ///
    /// - Parameters:
    ///   - weights: the scope `text_embedding_projection`.
    ///   - configuration: tells which, and how wide.
    ///   - hiddenWidth: width of the text encoder.
    ///   - stateCount: hidden states that the text encoder gives.
    public init(
        _ weights: WeightScope,
        _ configuration: TextConfiguration,
        hiddenWidth: Int,
        stateCount: Int
    ) {
        func head(_ name: String, _ width: Int, isOwn: Bool) -> Head {
            Head(
                weight: weights.tensor("\(name).weight", [width, hiddenWidth * stateCount]),
                bias: isOwn ? weights.tensor("\(name).bias", [width]) : nil,
                factor: isOwn ? (Double(width) / Double(hiddenWidth)).squareRoot() : 1
            )
        }
        normalization = configuration.normalization
        self.hiddenWidth = hiddenWidth
        self.stateCount = stateCount
        let (video, audio) = (configuration.video.width, configuration.audio.width)
        heads =
            configuration.hasOwnProjections
            ? [
                head("video_aggregate_embed", video, isOwn: true),
                head("audio_aggregate_embed", audio, isOwn: true),
            ] : [head("aggregate_embed", video, isOwn: false)]
    }

    /// Projects the states of one prompt.
    ///
    /// - Parameters:
    ///   - states: L states `[S, D]` of real tokens.
    ///   - chunk: channels that are normalised and multiplied at a time; bounds the memory.
    /// - Returns: features in the type of the weights.
    /// - Throws: if number or width of the states do not fit.
    public func callAsFunction(_ states: [Tensor], chunk: Int = 128) throws -> TextFeatures {
        guard states.count == stateCount, states.allSatisfy({ $0.size(-1) == hiddenWidth }) else {
            throw ModelInputError(
                "text projection: got \(states.count) hidden states of width "
                    + "\(states.first?.size(-1) ?? 0), should be \(stateCount) of \(hiddenWidth); "
                    + "use the text encoder that belongs to this checkpoint"
            )
        }
        let statistics = normalization.statistics(of: states)
        let rows = states[0].size(0)
        var sums = heads.map { head in
            Tensor.zeros([rows, head.weight.size(0)], device: head.weight.device)
        }
        for start in stride(from: 0, to: hiddenWidth, by: chunk) {
            let count = min(chunk, hiddenWidth - start)
            let part = statistics.normalized(states, from: start, count: count)
            sums = zip(sums, heads).map { sum, head in
                sum
                    + part.to(on: sum.device).linear(
                        self.columns(of: head, from: start, count: count)
                    )
            }
        }
        let projected = zip(sums, heads).map { sum, head in finished(sum, head) }
        return TextFeatures(video: projected[0], audio: projected.count > 1 ? projected[1] : nil)
    }

    private func columns(of head: Head, from start: Int, count: Int) -> Tensor {
        head.weight.narrow(1, from: start * stateCount, count: count * stateCount).to(.float32)
    }

    private func finished(_ sum: Tensor, _ head: Head) -> Tensor {
        let scaled = sum * head.factor
        return (head.bias.map { scaled + $0.to(.float32) } ?? scaled).to(head.weight.dtype)
    }
}
