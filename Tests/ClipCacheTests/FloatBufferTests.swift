import Testing

@testable import ClipCache

/// Bit patterns of single-precision numbers and of what torch 2.13 rounds them to.
private let roundedByTorch: [(UInt32, UInt16)] = [
    (0x0000_0000, 0x0000), (0x8000_0000, 0x8000), (0x3F80_0000, 0x3F80), (0x3F80_8000, 0x3F80),
    (0x3F81_8000, 0x3F82), (0xBF80_8000, 0xBF80), (0x4049_0FDB, 0x4049), (0x0001_16C2, 0x0001),
    (0x8000_0001, 0x8000), (0x7F7F_0000, 0x7F7F), (0x7F7F_8000, 0x7F80), (0x3DCC_CCCD, 0x3DCD),
    (0xBEAA_AAAB, 0xBEAB), (0x477F_E000, 0x4780), (0x0080_0000, 0x0080), (0x47F1_2065, 0x47F1),
]

@Suite struct FloatBufferTests {
    @Test("bfloat16 rounds as torch does, ties and subnormal numbers included")
    func rounding() {
        let values = roundedByTorch.map { Float(bitPattern: $0.0) }
        let buffer = BFloat16Buffer(rounding: FloatBuffer(shape: [values.count], values: values))
        #expect(buffer.bits == roundedByTorch.map(\.1))
    }

    @Test("a NaN stays a NaN and is told")
    func notANumber() {
        let pattern = Float(bitPattern: 0x7F80_0001)
        let buffer = BFloat16Buffer(rounding: FloatBuffer(shape: [1], values: [pattern]))
        #expect(buffer.floats.values[0].isNaN)
        #expect(!buffer.isFinite)
    }

    @Test("rounding twice changes nothing more")
    func idempotent() {
        let once = BFloat16Buffer(rounding: Samples.ramp([3, 5], scale: 1.2345))
        #expect(BFloat16Buffer(rounding: once.floats) == once)
    }
}
