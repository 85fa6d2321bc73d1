public import Torch

/// Which linear layers of a frozen model are kept in a narrow format, and in which.
///
/// All inside the blocks but the gates, whose few values steer whole heads. Everything outside the blocks
/// stays in the type of the activations: what goes in and out, time embedders, modulation, projections of
/// captions. That is 3 % of a released transformer.
public struct QuantizationRules: Sendable, Equatable {
    /// How the chosen layers are kept.
    public let format: WeightFormat
    private let blocks: String
    private let kept: [String]

    /// The rules for a transformer.
    public static func transformer(_ format: WeightFormat) -> Self {
        Self(format: format, blocks: "transformer_blocks.", kept: ["to_gate_logits"])
    }

    /// The rules for a Gemma text encoder: attention and feed-forward, not embeddings and norms.
    public static func textEncoder(_ format: WeightFormat) -> Self {
        Self(format: format, blocks: "layers.", kept: [])
    }

    /// The format of a layer's matrix; nil keeps it as it is.
    public func format(of path: String) -> WeightFormat? {
        guard path.hasPrefix(blocks), !kept.contains(where: path.hasSuffix) else { return nil }
        return format
    }
}
