import Torch

// Axes: N rows, C channels.

/// What a layer of the decoder is told about the noise in its latents: an embedding `[1, N · C]`.
struct VideoNoiseLevel {
    private let embedding: Tensor

    /// Reads `timestep_embedder` below the scope; `timestep` is one number, `[1]`.
    init(_ weights: WeightScope, width: Int, timestep: Tensor) {
        let embedder = weights / "timestep_embedder"
        let first = Linear(embedder / "linear_1", TimestepModulation.sinusoidWidth, width)
        let second = Linear(embedder / "linear_2", width, width)
        let sinusoid = TimestepModulation.sinusoid(timestep).to((first.bias ?? timestep).dtype)
        embedding = second(first(sinusoid).silu())
    }

    /// The rows for a learned table `[N, C]`.
    fileprivate func added(to table: Tensor, rows: Int, channels: Int) -> Tensor {
        table + embedding.reshape(rows, channels)
    }
}

/// Shifts and scales in pairs, from a learned table and the noise level.
struct VideoModulation {
    private let rows: [Tensor]  // shift, scale, shift, scale …, each [1, C, 1, 1, 1]

    /// Reads the table `[N, C]`.
    init(
        _ weights: WeightScope,
        _ name: String,
        rows count: Int,
        channels: Int,
        _ level: VideoNoiseLevel
    ) {
        let table = weights.tensor(name, [count, channels])
        let all = level.added(to: table, rows: count, channels: channels)
        rows = (0..<count).map { all.select(0, $0).reshape(1, channels, 1, 1, 1) }
    }

    /// `x · (1 + scale) + shift`.
    func callAsFunction(_ x: Tensor, pair: Int) -> Tensor {
        rows[2 * pair].adding(x, times: rows[2 * pair + 1] + 1)
    }
}
