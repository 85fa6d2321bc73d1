import Torch

// Axes: B prompts, S text tokens, D width, H heads, G key heads, d a head's width.

/// Divides by the root mean square and multiplies by 1 + weight, in float32.
struct GemmaNorm {
    private let scale: Tensor  // [D], float32
    private let epsilon: Double

    init(_ weights: WeightScope, width: Int, _ epsilon: Double) {
        scale = weights.tensor("weight", [width], dtype: .float32) + 1
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        x.to(.float32).rmsNorm(weight: scale, epsilon: epsilon).to(x.dtype)
    }
}

/// One layer: attention and feed-forward, each with a norm before and one after.
final class GemmaLayer {
    private let attention: GemmaAttention
    private let feedForward: GemmaFeedForward
    private let inputNorm: GemmaNorm
    private let attentionNorm: GemmaNorm
    private let feedForwardInputNorm: GemmaNorm
    private let feedForwardNorm: GemmaNorm

    init(_ weights: WeightScope, _ configuration: GemmaConfiguration, isGlobal: Bool) {
        func norm(_ name: String) -> GemmaNorm {
            GemmaNorm(weights / name, width: configuration.width, configuration.epsilon)
        }
        attention = GemmaAttention(weights / "self_attn", configuration, isGlobal: isGlobal)
        feedForward = GemmaFeedForward(weights / "mlp", configuration)
        inputNorm = norm("input_layernorm")
        attentionNorm = norm("post_attention_layernorm")
        feedForwardInputNorm = norm("pre_feedforward_layernorm")
        feedForwardNorm = norm("post_feedforward_layernorm")
    }

    /// Everything large in it.
    var linears: [Linear] { attention.linears + feedForward.linears }

    func callAsFunction(_ x: Tensor, _ positions: GemmaPositions) -> Tensor {
        let x = x + attentionNorm(attention(inputNorm(x), positions))
        return x + feedForwardNorm(feedForward(feedForwardInputNorm(x)))
    }
}

/// Grouped attention with normalised heads and rotary positions.
final class GemmaAttention {
    private let query: Linear
    private let key: Linear
    private let value: Linear
    private let output: Linear
    private let queryNorm: GemmaNorm
    private let keyNorm: GemmaNorm
    private let configuration: GemmaConfiguration
    private let isGlobal: Bool

    init(_ weights: WeightScope, _ configuration: GemmaConfiguration, isGlobal: Bool) {
        let (width, head) = (configuration.width, configuration.headWidth)
        let inner = configuration.heads * head
        let keyInner = configuration.keyHeads * head
        query = Linear(weights / "q_proj", width, inner, bias: false)
        key = Linear(weights / "k_proj", width, keyInner, bias: false)
        value = Linear(weights / "v_proj", width, keyInner, bias: false)
        output = Linear(weights / "o_proj", inner, width, bias: false)
        queryNorm = GemmaNorm(weights / "q_norm", width: head, configuration.epsilon)
        keyNorm = GemmaNorm(weights / "k_norm", width: head, configuration.epsilon)
        self.configuration = configuration
        self.isGlobal = isGlobal
    }

    var linears: [Linear] { [query, key, value, output] }

    func callAsFunction(_ x: Tensor, _ positions: GemmaPositions) -> Tensor {
        let rotation = isGlobal ? positions.global : positions.sliding
        let bias = isGlobal ? nil : positions.windowBias
        let queries = rotation.rotate(queryNorm(split(query(x), configuration.heads)))
        let keys = rotation.rotate(keyNorm(split(key(x), configuration.keyHeads)))
        let mixed = queries.attention(
            key: keys,
            value: split(value(x), configuration.keyHeads),
            bias: bias,
            scale: 1 / configuration.queryScale.squareRoot(),
            causal: bias == nil
        )
        return output(mixed.transpose(1, 2).reshape([x.size(0), x.size(1), -1]))
    }

    private func split(_ x: Tensor, _ heads: Int) -> Tensor {
        x.reshape(x.size(0), x.size(1), heads, configuration.headWidth)
            .transpose(1, 2)  // [B, H, S, d]
    }
}

/// GELU-gated feed-forward.
final class GemmaFeedForward {
    private let gate: Linear
    private let up: Linear
    private let down: Linear

    init(_ weights: WeightScope, _ configuration: GemmaConfiguration) {
        let (width, inner) = (configuration.width, configuration.innerWidth)
        gate = Linear(weights / "gate_proj", width, inner, bias: false)
        up = Linear(weights / "up_proj", width, inner, bias: false)
        down = Linear(weights / "down_proj", inner, width, bias: false)
    }

    var linears: [Linear] { [gate, up, down] }

    func callAsFunction(_ x: Tensor) -> Tensor { down(gate(x).gelu() * up(x)) }
}
