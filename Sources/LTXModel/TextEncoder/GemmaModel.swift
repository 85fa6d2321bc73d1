public import Torch

// Axes: B prompts, S text tokens, D width, L layers.

/// The text model of Gemma 3: token numbers to the hidden states behind every layer.
///
/// Only real tokens are computed, counted from position 0. Padding on the left, as the reference
/// uses it, changes nothing for them: positions only enter as differences, and pads are masked.
///
/// - Source: transformers 5.23, `Gemma3TextModel`.
public final class GemmaModel {
    /// Sizes of the model.
    public let configuration: GemmaConfiguration
    private let embeddings: Tensor  // [V, D]
    private let layers: [GemmaLayer]
    private let norm: GemmaNorm
    private let offloading: BlockOffloading?

    /// Reads `embed_tokens`, `layers` and `norm` below the scope; names as `weightName` gives them.
    ///
    /// With `offloading` the linear layers of some layers live in host memory, each from the moment it is read.
    public init(
        _ weights: WeightScope,
        _ configuration: GemmaConfiguration,
        offloading: BlockOffloading? = nil
    ) {
        self.configuration = configuration
        self.offloading = offloading
        embeddings = weights.tensor(
            "embed_tokens.weight",
            [configuration.vocabulary, configuration.width]
        )
        layers = configuration.globalLayers.enumerated().map { index, isGlobal in
            let layer = GemmaLayer(weights / "layers" / index, configuration, isGlobal: isGlobal)
            offloading?.add(layer.linears.flatMap(\.tensors))
            return layer
        }
        norm = GemmaNorm(weights / "norm", width: configuration.width, configuration.epsilon)
    }

    /// The model's own name of a stored weight; nil if it is not part of the text model.
    ///
    /// Text models lie at the top, below `model.` (one file), or below `language_model.model.` or
    /// `model.language_model.` (Hugging Face, by age).
    public static func weightName(_ stored: String) -> String? {
        let prefixes = ["language_model.model.", "model.language_model.", "model.", ""]
        let prefix = prefixes.first { stored.hasPrefix($0) } ?? ""
        let name = String(stored.dropFirst(prefix.count))
        let isOurs = ["embed_tokens.", "layers.", "norm."].contains { name.hasPrefix($0) }
        return isOurs ? name : nil
    }

    /// Computes all hidden states of prompts that have the same number of tokens.
    ///
    /// - Parameter prompts: token numbers, `[B][S]`, without padding.
    /// - Returns: L + 1 states `[B, S, D]`: the scaled embeddings, then one behind each layer, the
    ///   last one behind the final norm.
    /// - Throws: if there are no tokens, lengths differ, or a number is not in the vocabulary.
    public func hiddenStates(_ prompts: [[Int]]) throws -> [Tensor] {
        let length = try checkedLength(prompts)
        let tokens = Tensor(prompts.flatMap(\.self)).to(on: embeddings.device)
        let chosen = embeddings.gather(0, tokens)
        var state = chosen.reshape([prompts.count, length, configuration.width]) * embeddingScale
        var states = [state]
        let positions = GemmaPositions(configuration, length: length, like: embeddings)
        offloading?.begin(Array(layers.indices))
        for (index, layer) in layers.enumerated() {
            offloading?.visit(index)
            state = layer(state, positions)
            states.append(index == layers.count - 1 ? norm(state) : state)
        }
        return states
    }

    /// √D, rounded to the type of the weights as the reference does.
    private var embeddingScale: Double {
        let exact = Double(configuration.width).squareRoot()
        return Tensor.full([1], exact, dtype: embeddings.dtype).item()
    }

    private func checkedLength(_ prompts: [[Int]]) throws -> Int {
        let length = prompts.first?.count ?? 0
        guard length > 0, prompts.allSatisfy({ $0.count == length }) else {
            throw ModelInputError(
                "text encoder: got prompts of \(prompts.map(\.count)) tokens, should be one number "
                    + "above 0; run prompts of different lengths one by one"
            )
        }
        let known = 0..<configuration.vocabulary
        if let stranger = prompts.joined().first(where: { !known.contains($0) }) {
            throw ModelInputError(
                "text encoder: got token \(stranger), should be below \(configuration.vocabulary); "
                    + "use the tokenizer that belongs to this text encoder"
            )
        }
        return length
    }
}
