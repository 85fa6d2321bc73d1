import Safetensors
import Torch

@testable import Training

/// The four parameters and their gradients over fifty steps of `optimizer_paths.py`, by the same formula.
struct OptimizerScene {
    static let shapes = [[8, 16], [16, 8], [12], [40, 130]]
    /// Steps after which the originals' parameters are recorded.
    static let recorded = [1, 2, 5, 10, 20, 50]
    private static let stride = 52
    let parameters: [Tensor]

    init() {
        parameters = Self.shapes.enumerated().map { tensor, shape in
            let draws = Self.draws(tensor, count: shape.reduce(1, *), step: 1_000_000)
            return Tensor(tensor == 1 ? draws.map { _ in 0 } : draws, shape: shape)
        }
    }

    /// Numbers from -1 to below 1, by a hash of their places.
    private static func draws(_ tensor: Int, count: Int, step: Int) -> [Float] {
        let offset = UInt32(truncatingIfNeeded: step * 2_654_435_761 + tensor * 974_711)
        return (0..<UInt32(count)).map { place in
            var number = place &* 40503 &+ offset
            for factor: UInt32 in [0x85EB_CA6B, 0xC2B2_AE35] {
                number = (number ^ (number >> 15)) &* factor
            }
            number ^= number >> 16
            return Float(number >> 20) / 2048 - 1
        }
    }

    /// The third parameter has none now and then.
    static func gradients(step: Int) -> [Tensor?] {
        shapes.enumerated().map { tensor, shape in
            if tensor == 2, step % 7 == 3 { return nil }
            let count = shape.reduce(1, *)
            let tendency = draws(tensor, count: count, step: 2_000_000)
            let noise = draws(tensor, count: count, step: step)
            let fading = Float(sign: .plus, exponent: -(step / 6), significand: 1)
            return Tensor(
                (0..<count).map { place in
                    let size = Float(sign: .plus, exponent: -(place % 6), significand: 1)
                    return size * (tendency[place] * fading + noise[place])
                },
                shape: shape
            )
        }
    }

    func step(_ optimizer: any Optimizer, _ number: Int, rate: Double) {
        optimizer.step(
            parameters: parameters,
            gradients: Self.gradients(step: number),
            rates: parameters.map { _ in rate }
        )
    }

    /// All parameters in a row; of the last one every so many elements.
    static func row(_ tensors: [Tensor]) -> [Float] {
        let values = tensors.map { $0.floats() }
        let last = values[values.count - 1]
        return values.dropLast().flatMap(\.self)
            + Swift.stride(from: 0, to: last.count, by: stride).map { last[$0] }
    }

    /// What one optimizer did.
    struct Path {
        var rows: [[Float]] = []
        var averages: [[Float]] = []
        var estimates: [Double] = []
    }

    /// Fifty steps; each row is that after a recorded step.
    func path(_ optimizer: any Optimizer, rate: Double) -> Path {
        var path = Path()
        for number in 1...50 {
            step(optimizer, number, rate: rate)
            guard Self.recorded.contains(number) else { continue }
            path.rows.append(Self.row(parameters))
            path.estimates.append(optimizer.rateFactor)
            if let averages = optimizer.averages(of: parameters) {
                path.averages.append(Self.row(averages))
            }
        }
        return path
    }

    static func original(_ name: String) throws -> Tensor {
        try Tensor(reading: name, from: TrainingFixture.file("optimizer_paths_io"))
    }
}

extension Array where Element == [Float] {
    /// The rows as a tensor, `[rows, N]`.
    var tensor: Tensor { Tensor(flatMap(\.self), shape: [count, first?.count ?? 0]) }
}
