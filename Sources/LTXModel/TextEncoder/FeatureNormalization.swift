import Torch

// Axes: S text tokens, D width of a hidden state, L hidden states.

/// How the hidden states of a prompt are brought to one scale before they are projected.
public enum FeatureNormalization: Equatable, Sendable {
    /// LTX-2.0: each state minus its mean, divided by its range, times 8.
    case range
    /// LTX-2.3 and later: each token of each state divided by its root mean square.
    case rootMeanSquare

    /// Measures the states of one prompt, real tokens only, in float32.
    ///
    /// - Parameter states: L states `[S, D]`.
    /// - Returns: what `FeatureStatistics.normalized` takes.
    func statistics(of states: [Tensor]) -> FeatureStatistics {
        let parts = states.map { state in
            let wide = state.to(.float32)
            return self == .range ? Self.byRange(wide) : Self.byToken(wide)
        }
        return FeatureStatistics(
            means: Tensor.stack(parts.map(\.mean), axis: -1),
            factors: Tensor.stack(parts.map(\.factor), axis: -1)
        )
    }

    private static func byRange(_ state: Tensor) -> (mean: Tensor, factor: Tensor) {
        let mean = state.sum([0, 1], keep: true) / (Double(state.count) + 1e-6)
        let range = state.largest([0, 1], keep: true) - state.smallest([0, 1], keep: true)
        return (mean, Tensor.full([1, 1], 8, device: state.device) / (range + 1e-6))
    }

    private static func byToken(_ state: Tensor) -> (mean: Tensor, factor: Tensor) {
        let square = (state * state).mean([1], keep: true)
        return (square * 0, (square + 1e-6).reciprocalSquareRoot())
    }
}

/// What normalises the hidden states of one prompt: `(x - mean) · factor`.
struct FeatureStatistics {
    let means: Tensor  // [1 or S, 1, L]
    let factors: Tensor  // [1 or S, 1, L]

    /// Normalises some channels of all states, flattened with the state as the fast index.
    ///
    /// - Returns: `[S, count · L]`, float32.
    func normalized(_ states: [Tensor], from channel: Int, count: Int) -> Tensor {
        let parts = states.map { $0.narrow(1, from: channel, count: count).to(.float32) }
        let stacked = Tensor.stack(parts, axis: 2)  // [S, count, L]
        return ((stacked - means) * factors).reshape([stacked.size(0), -1])
    }
}
