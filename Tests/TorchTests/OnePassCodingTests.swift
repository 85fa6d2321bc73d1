import Testing

@testable import Torch

/// Coding a matrix in one pass over its memory, beside LibTorch's own operations.
///
/// Numbers in float64 are not coded in one pass but by LibTorch's operations, in float32: the same numbers in
/// both types must give the same bytes.
@Suite("Coding in one pass") struct OnePassCodingTests {
    /// Rows of very different magnitudes, with zeros, a row of zeros, and the largest at any place.
    private func matrix(_ rows: Int, _ columns: Int, seed: UInt64) throws -> Tensor {
        let random = try RandomGenerator(seed: seed)
        let magnitudes = (random.normal([rows, 1]) * 8).exp()
        let sparse = random.normal([rows, columns]) * random.normal([rows, columns]).sigmoid()
        let isZeroRow = Tensor((0..<rows).map { $0 % 7 == 3 ? 0 : 1 }, shape: [rows, 1])
        return sparse * magnitudes * isZeroRow
    }

    private func expectSameBytes(_ format: WeightFormat, _ matrix: Tensor) throws {
        let found = format.quantized(matrix).tensors
        let expected = format.quantized(matrix.to(.float64)).tensors
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) {
            #expect(found.dtype == expected.dtype && found.shape == expected.shape)
            #expect(found.bytes() == expected.bytes(), "\(format) \(matrix.shape)")
        }
    }

    @Test(
        "codes, scales and zero points have the bytes of LibTorch's operations, in every format and shape",
        arguments: WeightFormat.allCases
    )
    func bytes(format: WeightFormat) throws {
        try withTorchErrors {
            let shapes = [(1, 1), (5, 1), (7, 40), (3, 17), (64, 64), (33, 4096), (600, 960)]
            for (index, (rows, columns)) in shapes.enumerated() {
                for type in [DType.bfloat16, .float32] {
                    let drawn = try matrix(rows, columns, seed: UInt64(index + 1))
                    try expectSameBytes(format, drawn.to(type))
                }
            }
        }
    }

    @Test("every number of bfloat16 within ±448 becomes what LibTorch rounds it to")
    func allHalves() throws {
        try withTorchErrors {
            let positive = (0...Int(Float(448).bitPattern >> 16)).map {
                Float(bitPattern: UInt32($0) << 16)
            }
            let row = Tensor(positive + positive.map { -$0 }, shape: [1, 2 * positive.count])
            for type in [DType.bfloat16, .float32] {
                let weight = Float8Weight(quantizing: row.to(type))
                #expect(weight.packed.scale.floats() == [1])
                #expect(weight.packed.codes.bytes() == row.to(.float8E4M3).bytes())
            }
        }
    }

    @Test(
        "numbers at and beside the middle of two codes go where LibTorch rounds them, whatever the scale"
    )
    func ties() throws {
        try withTorchErrors {
            let values = (0..<127).map { Float8.value(UInt8($0)) }
            let middles = zip(values, values.dropFirst()).map { ($0 + $1) / 2 }
            let near: [Float] = (values + middles).flatMap { [$0, $0.nextUp, $0.nextDown] }
            let all: [Float] = near.filter { abs($0) < 448 }.flatMap { [$0, -$0] } + [448]
            let factors: [Float] = try [1] + RandomGenerator(seed: 3).normal([40]).exp().floats()
            for factor in factors {
                let row = Tensor(all.map { $0 * factor }, shape: [1, all.count])
                let weight = Float8Weight(quantizing: row)
                let levels = row / weight.packed.scale
                #expect(weight.packed.codes.bytes() == levels.to(.float8E4M3).bytes())
            }
        }
    }

    @Test(
        "a row with infinity or without a number is coded as LibTorch codes it, and no other row changes"
    )
    func faults() throws {
        try withTorchErrors {
            var values = try matrix(4, 64, seed: 9).floats()
            values[70] = .infinity
            values[130] = .nan
            for type in [DType.bfloat16, .float32] {
                let rows = Tensor(values, shape: [4, 64]).to(type)
                for format in WeightFormat.allCases {
                    let found = format.quantized(rows),
                        expected = format.quantized(rows.to(.float64))
                    // What is no number has no sign that would matter.
                    let pairs = zip(
                        found.dense(.float32).floats(),
                        expected.dense(.float32).floats()
                    )
                    #expect(pairs.allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }, "\(format)")
                }
            }
        }
    }
}

/// float8_e4m3fn by its definition: 4 bits of exponent, bias 7, 3 of mantissa.
private enum Float8 {
    static func value(_ code: UInt8) -> Float {
        let exponent = Int(code >> 3 & 15), mantissa = Float(code & 7) / 8
        let power = Float(sign: .plus, exponent: max(exponent, 1) - 7, significand: 1)
        return power * (exponent == 0 ? mantissa : 1 + mantissa)
    }
}
