import Foundation
public import Torch

// Axes: B batch, H heads, T tokens, A position axes, n frequencies, r half a head's width.

/// Rotation angles of every token and head, as cosines and sines `[H, T, r]` in float32.
///
/// Each axis of a position gets n = ⌊width / 2A⌋ frequencies from 1 to theta (times π / 2), laid out
/// with the axis as the fast index. The slots that remain are rotations by zero; they come first, so
/// only the first head has them.
///
/// - Source: the "split" layout of diffusers' `LTX2AudioVideoRotaryPosEmbed`.
public struct RotaryTable {
    /// Cosines, `[H, T, r]`.
    public let cosines: Tensor
    /// Sines, `[H, T, r]`.
    public let sines: Tensor

    /// Computes a table.
    ///
    /// - Parameters:
    ///   - positions: per axis, the middle of each token's interval.
    ///   - maximum: per axis, the position that maps to 1.
    ///   - width: sum of the heads' widths.
    ///   - heads: number of heads.
    ///   - theta: highest frequency.
    ///   - doublePrecision: whether frequencies are computed in float64 before they become float32.
    ///   - device: where the table is needed.
    public init(
        positions: [[Float]],
        maximum: [Double],
        width: Int,
        heads: Int,
        theta: Double,
        doublePrecision: Bool,
        device: Device
    ) {
        let axes = positions.count
        let tokens = positions.first?.count ?? 0
        let frequencies = Self.frequencies(
            width / (2 * axes),
            theta: theta,
            doublePrecision: doublePrecision
        )

        let shares = zip(positions, maximum).map { axis, maximum in
            Tensor(axis) / Tensor([Float(maximum)]) * 2 - 1  // [T]
        }
        let scaled = Tensor.stack(shares, axis: 1)  // [T, A]
        let angles = scaled.unsqueeze(1) * Tensor(frequencies, shape: [frequencies.count, 1])
        let flat = angles.reshape([tokens, frequencies.count * axes])  // [T, n·A]

        let identity = width / 2 - frequencies.count * axes
        func arranged(_ values: Tensor, _ rest: Double) -> Tensor {
            let front = Tensor.full([tokens, identity], rest)
            let all = identity > 0 ? Tensor.concatenate([front, values], axis: 1) : values
            let split = all.reshape(tokens, heads, width / 2 / heads).permute(1, 0, 2)
            return split.contiguous().to(on: device)
        }
        cosines = arranged(flat.cos(), 1)
        sines = arranged(flat.sin(), 0)
    }

    /// Turns queries or keys `[B, H, T, 2r]`: pairs are (j, j + r); computed in float32.
    public func rotate(_ x: Tensor) -> Tensor {
        let dtype = x.dtype
        let half = x.size(-1) / 2
        let wide = x.to(.float32)
        let first = wide.narrow(3, from: 0, count: half)
        let second = wide.narrow(3, from: half, count: half)
        let turned = Tensor.concatenate(
            [first * cosines - second * sines, second * cosines + first * sines],
            axis: 3
        )
        return turned.to(dtype)
    }

    private static func frequencies(
        _ count: Int,
        theta: Double,
        doublePrecision: Bool
    ) -> [Float] {
        (0..<count).map { k in
            guard doublePrecision else {
                let share = count > 1 ? Float(k) / Float(count - 1) : 0
                return powf(Float(theta), share) * Float.pi / 2
            }
            let share = count > 1 ? Double(k) / Double(count - 1) : 0
            return Float(pow(theta, share) * Double.pi / 2)
        }
    }
}
