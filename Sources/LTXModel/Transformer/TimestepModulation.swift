import Foundation
public import Torch

// Axes: B batch, T tokens, D width, N rows of a modulation, U distinct noise levels.

/// The noise levels of a batch's tokens: each distinct value once, and which token has which.
///
/// Work that depends on the noise level alone is done per distinct value, not per token.
public struct NoiseLevels {
    /// Distinct sigmas, 0...1, float32, `[U]`.
    public let values: Tensor
    /// Which value each token has, int64 `[B · T]`; nil when value b belongs to all tokens of item b.
    public let index: Tensor?
    /// Items in the batch.
    public let batch: Int

    /// One sigma per item.
    public init(perItem sigmas: Tensor) {
        values = sigmas.to(.float32)
        index = nil
        batch = sigmas.size(0)
    }

    /// A sigma per token, `sigmas[b][t]`.
    public init(perToken sigmas: [[Float]], device: Device) {
        var order: [Float: Int] = [:]
        var distinct: [Float] = []
        let index = sigmas.joined().map { sigma in
            if let known = order[sigma] { return known }
            order[sigma] = distinct.count
            distinct.append(sigma)
            return distinct.count - 1
        }
        values = Tensor(distinct).to(on: device)
        self.index = Tensor(index).to(on: device)
        batch = sigmas.count
    }

    /// Distinct sigmas `[U]`, and which of them each token has, int64 `[B · T]`.
    init(values: Tensor, index: Tensor, batch: Int) {
        self.values = values
        self.index = index
        self.batch = batch
    }

    /// Rows per distinct value `[U, D]` spread over the tokens: `[B, T, D]`, or `[B, 1, D]` per item.
    func spread(_ rows: Tensor) -> Tensor {
        guard let index else { return rows.unsqueeze(1) }
        return rows.gather(0, index).reshape(batch, -1, rows.size(-1))
    }
}

/// Turns noise levels into N rows of shifts, scales and gates (AdaLN-single).
///
/// - Source: diffusers' `LTX2AdaLayerNormSingle`.
final class TimestepModulation {
    private let first: Linear
    private let second: Linear
    private let rows: Linear
    private let count: Int
    private let width: Int
    private let scale: Double

    /// Reads `emb.timestep_embedder.linear_1`, `linear_2` and `linear`.
    init(_ weights: WeightScope, width: Int, rows count: Int, scale: Double) {
        let embedder = weights / "emb.timestep_embedder"
        first = Linear(embedder / "linear_1", Self.sinusoidWidth, width)
        second = Linear(embedder / "linear_2", width, width)
        rows = Linear(weights / "linear", width, count * width)
        self.count = count
        self.width = width
        self.scale = scale
    }

    var linears: [Linear] { [first, second, rows] }

    /// Rows `[U, N, D]` and the embedding behind them `[U, D]` for distinct sigmas `[U]`.
    func callAsFunction(_ sigmas: Tensor) -> (rows: Tensor, embedded: Tensor) {
        let sinusoid = Self.sinusoid(sigmas * scale).to((first.bias ?? sigmas).dtype)
        let embedded = second(first(sinusoid).silu())
        return (rows(embedded.silu()).reshape(-1, count, width), embedded)
    }

    static let sinusoidWidth = 256

    /// `[cos(t f), sin(t f)]` with frequencies falling from 1 to almost 1 / 10000, `[U, 256]`.
    static func sinusoid(_ timesteps: Tensor) -> Tensor {
        let half = sinusoidWidth / 2
        let exponents = Tensor.range(to: Double(half), device: timesteps.device)
        let frequencies = (exponents * (-log(10000.0) / Double(half))).exp()
        let angles = timesteps.to(.float32).unsqueeze(1) * frequencies.unsqueeze(0)
        return Tensor.concatenate([angles.cos(), angles.sin()], axis: 1)
    }
}

/// Rows of one block: a learned table plus what the noise level says, ready per token.
struct ModulationRows {
    let table: Tensor  // [M, D], M ≥ N: rows beyond N belong to another module
    let rows: Tensor  // [U, N, D]
    let levels: NoiseLevels

    /// One row, `[B, T or 1, D]`; `tableRow` where the table counts differently.
    func row(_ index: Int, tableRow: Int? = nil) -> Tensor {
        levels.spread(distinct(index, tableRow: tableRow))
    }

    /// One row of each distinct noise level, `[U, D]`.
    private func distinct(_ index: Int, tableRow: Int? = nil) -> Tensor {
        rows.select(1, index) + table.select(0, tableRow ?? index)
    }

    /// `x / rms(x) · (1 + scale) + shift`.
    func modulateNormed(_ x: Tensor, shift: Int, scale: Int, epsilon: Double) -> Tensor {
        x.modulatedNorm(
            shift: distinct(shift),
            scale: distinct(scale),
            index: levels.index,
            epsilon: epsilon
        )
    }

    /// `x · (1 + scale) + shift`.
    func modulate(_ x: Tensor, shift: Int, scale: Int) -> Tensor {
        row(shift).adding(x, times: row(scale) + 1)
    }
}
