import Safetensors
import Testing

@testable import Torch

/// Numbers in 8 bits.
@Suite("Block codes") struct BlockCodesTests {
    /// Three sizes: whole blocks, a part of a block, and less than one; a block of zeros is among them.
    private func numbers(signed: Bool) throws -> [Tensor] {
        let random = try RandomGenerator(seed: 3)
        return [[32, 64], [5, 77], [3]].enumerated().map { index, shape in
            let drawn = random.normal(shape) * random.normal(shape).exp()
            let values = (signed ? drawn : drawn.absolute()).floats()
            let zeros = index == 0 ? values.enumerated().map { $0 < 256 ? 0 : $1 } : values
            return Tensor(zeros, shape: shape)
        }
    }

    private func coded(
        _ numbers: [Tensor],
        signed: Bool,
        composed: Bool
    ) -> (read: [Tensor], scales: [Tensor]) {
        let codes = BlockCodes(signed: signed, device: .cpu, composed: composed)
        let rooms = numbers.map { BlockCodes.room(for: $0.count, on: .cpu) }
        let kept = rooms.map(\.codes)
        codes.write(TensorList(numbers), codes: kept, scales: rooms.map(\.scales))
        let read = codes.read(kept, scales: rooms.map(\.scales), shapes: numbers)
        return (read.tensors, rooms.map(\.scales))
    }

    @Test("each number becomes the nearest of its block's values", arguments: [true, false])
    func nearest(signed: Bool) throws {
        try withTorchErrors {
            let numbers = try numbers(signed: signed)
            let map = BlockCodes.values(signed: signed)
            let (read, scales) = coded(numbers, signed: signed, composed: false)
            for (tensor, values) in numbers.enumerated() {
                let largest = scales[tensor].floats()
                let found = read[tensor].floats()
                for (place, value) in values.floats().enumerated() {
                    let scale = largest[place / 256]
                    let best = map.map { abs($0 * scale - value) }.min() ?? .infinity
                    #expect(abs(found[place] - value) <= best + 1e-6 * scale)
                }
                #expect(read[tensor].shape == values.shape)
            }
            #expect(read[0].floats().prefix(256).allSatisfy { $0 == 0 })
        }
    }

    @Test("LibTorch's own operations give the same bits", arguments: [true, false])
    func composed(signed: Bool) throws {
        try withTorchErrors {
            let numbers = try numbers(signed: signed)
            let fused = coded(numbers, signed: signed, composed: false)
            let composed = coded(numbers, signed: signed, composed: true)
            #expect(fused.scales.map { $0.bytes() } == composed.scales.map { $0.bytes() })
            #expect(fused.read.map { $0.bytes() } == composed.read.map { $0.bytes() })
        }
    }

    @Test("the error is below a 71st of a block's largest magnitude with signs, a 142nd without")
    func error() throws {
        try withTorchErrors {
            for (signed, limit) in [(true, Float(1) / 71), (false, 1.0 / 142)] {
                let line = Tensor.linspace(signed ? -1 : 0, 1, count: 4097)
                let read = coded([line], signed: signed, composed: false).read[0]
                let errors = zip(read.floats(), line.floats()).map { abs($0 - $1) }
                let largest = try #require(errors.max())
                #expect(largest < limit && largest > limit / 3, "\(largest)")
            }
        }
    }
}
