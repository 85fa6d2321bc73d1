import Adapters
import LTXModel

/// Floating-point operations of one step with one item: matrix products of the blocks, all else left out.
struct StepWork {
    let config: TransformerConfiguration
    /// Rank of the adapter of a layer; 0 for none.
    let rank: (String) -> Int
    /// Whether the matrix of a layer is trained itself.
    var learns: (String) -> Bool = { _ in false }
    /// Share of the blocks whose activations are computed again in the backward pass.
    let recomputed: Double

    /// Text tokens that each stream attends to.
    private let text = Double(TextConnectors.contextLength)

    init(config: TransformerConfiguration, rank: @escaping (String) -> Int, recomputed: Double) {
        self.config = config
        self.rank = rank
        self.recomputed = recomputed
    }

    /// Forward, perhaps again, and backward: frozen weights need the gradient of their input alone (and of text
    /// not even that), attentions and adapters that of both factors of each product.
    func flops(video: Int, audio: Int) -> Double {
        let (video, audio) = (Double(video), Double(audio))
        let forwards = 1 + recomputed
        let frozen = linears(video, audio) { layer in
            let passes =
                forwards + (readsText(layer.path) ? 0 : 1) + (learns(layer.path) ? 1 : 0)
            return passes * Double(layer.input) * Double(layer.output)
        }
        let adapters = linears(video, audio) { layer in
            Double(rank(layer.path)) * Double(layer.input + layer.output)
        }
        return frozen + (adapters + attentions(video, audio)) * (forwards + 2)
    }

    /// Two operations for each weight and row.
    private func linears(
        _ video: Double,
        _ audio: Double,
        _ weights: (TransformerConfiguration.LayerShape) -> Double
    ) -> Double {
        config.blockLinearShapes.reduce(0) {
            $0 + 2 * rows(of: $1.path, video, audio) * weights($1)
        }
    }

    /// How many tokens go through a layer: keys and values are those of what is attended to.
    private func rows(of path: String, _ video: Double, _ audio: Double) -> Double {
        let readsOther = path.hasSuffix("to_k") || path.hasSuffix("to_v")
        if readsText(path) { return path.contains("audio_") && audio == 0 ? 0 : text }
        switch Pathway(path) {
        case .audioToVideo: return audio == 0 ? 0 : readsOther ? audio : video
        case .videoToAudio: return audio == 0 ? 0 : readsOther ? video : audio
        case .audio: return audio
        default: return video
        }
    }

    /// Whether a layer makes keys or values of the text.
    private func readsText(_ path: String) -> Bool {
        path.hasSuffix("attn2.to_k") || path.hasSuffix("attn2.to_v")
    }

    /// Scores and their use: four operations for each pair of tokens and channel.
    private func attentions(_ video: Double, _ audio: Double) -> Double {
        let text = audio > 0 ? self.text : 0
        let own = video * (video + self.text) * Double(config.video.width)
        let sound = audio * (audio + text + 2 * video) * Double(config.audio.width)
        return 4 * Double(config.blockCount) * (own + sound)
    }
}
