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
        let layers = config.blockLinearShapes.filter {
            rules.accept($0.path) && $0.input * $0.output + $0.output >= rules.leastParameters
        }
        let values = layers.reduce(0) {
            $0 + recipe.valueCount($1.path, input: $1.input, output: $1.output)
        }
        return (layers.count, values)
    }
}
