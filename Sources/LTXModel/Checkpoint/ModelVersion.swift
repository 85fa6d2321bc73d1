/// A version of the model family, told by a checkpoint's keys and never by its file name.
public enum ModelVersion: String, Sendable, CaseIterable {
    case ltx20 = "ltx2"
    case ltx23 = "ltx2.3"
    case ltx25 = "ltx2.5"

    /// Looks for the keys that only one version has; nil if this is no LTX-2 transformer.
    public init?(keys: some Sequence<String>) {
        var found: Set<Mark> = []
        for key in keys { found.formUnion(Mark.allCases.filter { key.contains($0.rawValue) }) }
        guard found.contains(.block) else { return nil }
        if found.contains(.keyframes) {
            self = .ltx25
        } else if found.contains(.gates) {
            self = .ltx23
        } else {
            self = .ltx20
        }
    }

    /// Reads `model_version` of a file without a transformer; the oldest where there is no number.
    init(number: String) {
        let known: [(String, ModelVersion)] = [("2.5", .ltx25), ("2.3", .ltx23)]
        self = known.first { number.hasPrefix($0.0) }?.1 ?? .ltx20
    }

    private enum Mark: String, CaseIterable {
        case block = "transformer_blocks.0.audio_to_video_attn."
        case gates = "transformer_blocks.0.attn1.to_gate_logits"
        case keyframes = "keyframes_abs_pos_embedding"
    }

    /// Short name for people: `LTX-2.3`.
    public var title: String {
        switch self {
        case .ltx20: "LTX-2.0"
        case .ltx23: "LTX-2.3"
        case .ltx25: "LTX-2.5"
        }
    }
}
