public import Torch

// Axes: B batch, H heads, T query tokens, S key tokens, d a head's width.

/// Multi-head attention with normalised queries and keys, rotary positions and gated heads.
///
/// - Source: diffusers' `LTX2Attention`; the gate is that of LTX-2.3.
public final class Attention {
    private let query: Linear
    private let key: Linear
    private let value: Linear
    private let output: Linear
    private let gate: Linear?
    private let queryNorm: Tensor  // [H · d]
    private let keyNorm: Tensor  // [H · d]
    private let heads: Int
    private let headWidth: Int
    private let epsilon: Double

    /// Reads `to_q`, `to_k`, `to_v`, `to_out.0`, `q_norm`, `k_norm` and, when gated, `to_gate_logits`.
    ///
    /// - Parameters:
    ///   - weights: the attention's scope.
    ///   - queryWidth: width of the tokens that ask; also of the output.
    ///   - contextWidth: width of the tokens that are asked.
    ///   - heads: number of heads.
    ///   - headWidth: width of one head.
    ///   - gated: whether each head's output has a learned gate.
    ///   - epsilon: of the norms of queries and keys.
    public init(
        _ weights: WeightScope,
        queryWidth: Int,
        contextWidth: Int,
        heads: Int,
        headWidth: Int,
        gated: Bool,
        epsilon: Double
    ) {
        let inner = heads * headWidth
        query = Linear(weights / "to_q", queryWidth, inner)
        key = Linear(weights / "to_k", contextWidth, inner)
        value = Linear(weights / "to_v", contextWidth, inner)
        output = Linear(weights / "to_out" / 0, inner, queryWidth)
        gate = gated ? Linear(weights / "to_gate_logits", queryWidth, heads) : nil
        queryNorm = weights.tensor("q_norm.weight", [inner])
        keyNorm = weights.tensor("k_norm.weight", [inner])
        self.heads = heads
        self.headWidth = headWidth
        self.epsilon = epsilon
    }

    /// The linear layers, for adapters.
    var linears: [Linear] { [query, key, value, output] + [gate].compactMap(\.self) }

    /// Attends from `x` `[B, T, D]` to `context` `[B, S, C]`.
    ///
    /// - Parameters:
    ///   - x: the tokens that ask.
    ///   - context: the tokens that are asked.
    ///   - queryRope: positions of `x`; nil for none.
    ///   - keyRope: positions of `context`; nil for none.
    ///   - bias: added to the scores, broadcast to `[B, H, T, S]`.
    ///   - replay: keeps the mixing of a first pass for a second; nil if there is one pass.
    ///   - hasValues: false if the output only serves to go back from.
    /// - Returns: `[B, T, D]`.
    public func callAsFunction(
        _ x: Tensor,
        context: Tensor,
        queryRope: RotaryTable? = nil,
        keyRope: RotaryTable? = nil,
        bias: Tensor? = nil,
        replay: BlockReplay? = nil,
        hasValues: Bool = true
    ) -> Tensor {
        let parts = projections(x, context: context)
        let query = turned(parts.query, queryNorm, queryRope)
        let key = turned(parts.key, keyNorm, keyRope)
        let value = split(parts.value)
        let scale = 1 / Double(headWidth).squareRoot()
        let mixed =
            replay?.attention(query, key: key, value: value, bias: bias, scale: scale)
            ?? query.attention(key: key, value: value, bias: bias, scale: scale)
        // from [B, T, H, d]
        return finished(mixed.transpose(1, 2), gates: parts.gates, hasValues: hasValues)
    }

    /// What is left when attention itself is skipped: each token's own value (for guidance).
    func valuesOnly(_ x: Tensor) -> Tensor {
        finished(value(x).reshape(x.size(0), x.size(1), heads, headWidth), gates: gate?(x))
    }

    /// Queries, keys, values and the logits of the gates; layers that read the same are computed together.
    private func projections(
        _ x: Tensor,
        context: Tensor
    ) -> (query: Tensor, key: Tensor, value: Tensor, gates: Tensor?) {
        let gates = [gate].compactMap(\.self)
        guard x === context else {
            let asked = Linear.outputs(of: [key, value], for: context)
            let own = Linear.outputs(of: [query] + gates, for: x)
            return (own[0], asked[0], asked[1], own.count > 1 ? own[1] : nil)
        }
        let all = Linear.outputs(of: [query, key, value] + gates, for: x)
        return (all[0], all[1], all[2], all.count > 3 ? all[3] : nil)
    }

    private func turned(_ x: Tensor, _ weight: Tensor, _ rope: RotaryTable?) -> Tensor {
        x.rotaryNorm(
            weight: weight,
            angles: rope.map { ($0.cosines, $0.sines) },
            heads: heads,
            epsilon: epsilon
        )
    }

    private func finished(_ mixed: Tensor, gates: Tensor?, hasValues: Bool = true) -> Tensor {
        let joined = [mixed.size(0), mixed.size(1), heads * headWidth]
        let gated = gates.map { mixed.gatedHeads($0) } ?? mixed.reshape(joined)
        return Linear.outputs(of: [output], for: gated, hasValues: hasValues)[0]
    }

    private func split(_ x: Tensor) -> Tensor {
        x.reshape(x.size(0), x.size(1), heads, headWidth).transpose(1, 2)  // [B, H, T, d]
    }
}
