import Foundation
import Torch

// Axes: S text tokens, r half a head's width.

/// What the layers need to know of positions, computed once per length.
struct GemmaPositions {
    /// Angles of the sliding layers.
    let sliding: GemmaRotation
    /// Angles of the global layers.
    let global: GemmaRotation
    /// Added to the scores of sliding layers, `[S, S]`; nil while all tokens fit into the window.
    let windowBias: Tensor?

    init(_ configuration: GemmaConfiguration, length: Int, like weights: Tensor) {
        let half = configuration.headWidth / 2
        let device = weights.device
        sliding = GemmaRotation(
            length: length,
            half: half,
            theta: configuration.slidingTheta,
            factor: 1,
            on: device
        )
        global = GemmaRotation(
            length: length,
            half: half,
            theta: configuration.globalTheta,
            factor: configuration.globalFactor,
            on: device
        )
        windowBias =
            length > configuration.window
            ? Self.bias(length: length, window: configuration.window).to(weights.dtype, on: device)
            : nil
    }

    private static func bias(length: Int, window: Int) -> Tensor {
        var values = [Float](repeating: -.infinity, count: length * length)
        for token in 0..<length {
            for seen in max(0, token - window + 1)...token { values[token * length + seen] = 0 }
        }
        return Tensor(values, shape: [length, length])
    }
}

/// Rotary angles of all positions, the same for every head.
struct GemmaRotation {
    private let cosines: Tensor  // [S, r], float32
    private let sines: Tensor  // [S, r], float32

    init(length: Int, half: Int, theta: Double, factor: Double, on device: Device) {
        let frequencies = (0..<half).map { index in
            1 / powf(Float(theta), Float(index) / Float(half)) / Float(factor)
        }
        let positions = Tensor((0..<length).map(Float.init), shape: [length, 1])
        let angles = positions * Tensor(frequencies)
        cosines = angles.cos().to(on: device)
        sines = angles.sin().to(on: device)
    }

    /// Turns `[B, H, S, 2r]`: pairs are (j, j + r); computed in float32.
    func rotate(_ x: Tensor) -> Tensor {
        let half = x.size(-1) / 2
        let wide = x.to(.float32)
        let first = wide.narrow(3, from: 0, count: half)
        let second = wide.narrow(3, from: half, count: half)
        let turned = [first * cosines - second * sines, second * cosines + first * sines]
        return Tensor.concatenate(turned, axis: 3).to(x.dtype)
    }
}
