import Adapters
import LTXModel

/// Floating-point operations that a training step cannot do without.
///
/// Forward, and the gradients of what is trained and of what lies between; nothing that is computed a second
/// time counts.
struct StepArithmetic {
    private let shape: StepShape

    init(_ shape: StepShape) { self.shape = shape }

    /// Operations of one step, a multiplication and an addition each counting as one.
    var operations: Double {
        let linears = shape.config.blockLinearShapes.reduce(0) { $0 + linear($1) }
        return Double(shape.batchSize) * (linears + Double(shape.config.blockCount) * attentions)
    }

    /// `W x` forward and `Wᵀ g` back; `A x`, `B A x` forward, and four such products back.
    private func linear(_ layer: TransformerConfiguration.LayerShape) -> Double {
        let tokens = Double(tokens(of: layer.path))
        let base = 2 * tokens * Double(layer.input) * Double(layer.output)
        let update = 2 * tokens * Double(shape.recipe.rank) * Double(layer.input + layer.output)
        return 2 * base + 3 * update
    }

    /// Tokens that a layer reads.
    private func tokens(of path: String) -> Int {
        let parts = path.split(separator: ".").map(String.init)
        let (module, layer) = (parts[2], parts[3])
        let readsContext = layer == "to_k" || layer == "to_v"
        switch module {
        case "attn2", "audio_attn2":
            return readsContext ? shape.textCount : own(module)
        case "audio_to_video_attn":
            return readsContext ? shape.audioCount : shape.videoCount
        case "video_to_audio_attn":
            return readsContext ? shape.videoCount : shape.audioCount
        default:
            return own(module)
        }
    }

    private func own(_ module: String) -> Int {
        module.hasPrefix("audio") ? shape.audioCount : shape.videoCount
    }

    /// Of one block: two products forward and four back for each pair of query and key.
    private var attentions: Double {
        let (video, audio, text) = (shape.videoCount, shape.audioCount, shape.textCount)
        let (wide, narrow) = (shape.config.video.width, shape.config.audio.width)
        let pairs =
            Double(video * (video + text) * wide)
            + Double(audio * (audio + text + 2 * video) * narrow)
        return 6 * 2 * pairs
    }
}
