import Safetensors

/// Whether stored floats are finite, seen from their bits.
enum FiniteBits {
    /// Looks at all floats that have bytes in a range of a tensor's bytes.
    static func areFinite(
        _ bytes: UnsafeRawBufferPointer,
        in range: Range<Int>,
        _ dtype: SafetensorsDType
    ) -> Bool {
        switch dtype {
        case .bf16: areFinite(bytes, range, UInt16(0x7F80))
        case .f16: areFinite(bytes, range, UInt16(0x7C00))
        case .f32: areFinite(bytes, range, UInt32(0x7F80_0000))
        case .f64: areFinite(bytes, range, UInt64(0x7FF0_0000_0000_0000))
        default: true
        }
    }

    /// Not finite is what has all bits of the exponent set: one unit more reaches the sign bit.
    @inline(__always)
    private static func areFinite<Bits: FixedWidthInteger & UnsignedInteger>(
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        _ exponent: Bits
    ) -> Bool {
        let size = MemoryLayout<Bits>.size
        let unit = exponent & ~(exponent &- 1)
        let (first, last) = (range.lowerBound / size, (range.upperBound + size - 1) / size)
        guard let base = bytes.baseAddress, last * size <= bytes.count else { return true }
        var reached: Bits = 0
        for place in first..<last {
            let bits = (base + place &* size).loadUnaligned(as: Bits.self)
            reached |= (bits & exponent) &+ unit
        }
        return reached & ~(Bits.max >> 1) == 0
    }
}
