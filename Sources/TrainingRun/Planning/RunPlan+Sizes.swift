import Adapters
import ClipCache
import ClipData
import LTXModel
import RunConfig
import Torch

extension RunPlan {
    /// Tokens of the largest window, by modality.
    var longestTokens: (video: Int, audio: Int) {
        let sizes = clips.items.map { item in
            (item.latentShape.dropFirst().reduce(1, *), item.audio?.latentCount ?? 0)
        }
        let largest = sizes.max { $0.0 + $0.1 < $1.0 + $1.1 } ?? (0, 0)
        return (largest.0, hasSound ? largest.1 : 0)
    }

    /// Layers that get an adapter, and how many values those have.
    func adapterSize(_ config: TransformerConfiguration) -> (layers: Int, values: Int) {
        let recipe = recipe
        let layers = adaptedShapes(config)
        let values = layers.reduce(0) {
            $0 + recipe.valueCount($1.path, input: $1.input, output: $1.output)
        }
        return (layers.count, values)
    }
    /// Values of one row of each distinct input that adapted layers have.
    func inputWidth(_ config: TransformerConfiguration) -> Int {
        let widths = adaptedShapes(config).map { (Self.inputName(of: $0.path), $0.input) }
        return Dictionary(widths, uniquingKeysWith: { first, _ in first }).values.reduce(0, +)
    }

    private func adaptedShapes(_ config: TransformerConfiguration) -> [TransformerConfiguration
        .LayerShape]
    {
        config.blockLinearShapes.filter {
            rules.accept($0.path) && $0.input * $0.output + $0.output >= rules.leastParameters
        }
    }

    /// The same for layers of an attention that read the same tokens.
    private static func inputName(of path: String) -> String {
        let parts = path.split(separator: ".")
        guard let attention = parts.dropLast().last, let layer = parts.last else { return path }
        let place = parts.dropLast().joined(separator: ".")
        switch layer {
        case "to_q", "to_gate_logits": return place + " asks"
        case "to_k", "to_v": return place + (attention.hasSuffix("attn1") ? " asks" : " is asked")
        default: return path
        }
    }
}
