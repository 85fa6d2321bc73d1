/// The element types of the safetensors format; the raw value is the format's own name.
///
/// - Source: `Dtype` of the format's reference implementation (safetensors 0.8).
public enum SafetensorsDType: String, Sendable, CaseIterable {
    /// One byte, 0 or 1.
    case bool = "BOOL"
    /// Four-bit float, 2 exponent bits and 1 mantissa bit, two to a byte.
    case f4 = "F4"
    /// Six-bit float, 2 exponent bits and 3 mantissa bits, packed.
    case f6E2M3 = "F6_E2M3"
    /// Six-bit float, 3 exponent bits and 2 mantissa bits, packed.
    case f6E3M2 = "F6_E3M2"
    /// Unsigned byte.
    case u8 = "U8"
    /// Signed byte.
    case i8 = "I8"
    /// Eight-bit float, 5 exponent bits and 2 mantissa bits.
    case f8E5M2 = "F8_E5M2"
    /// Eight-bit float, 4 exponent bits and 3 mantissa bits, without infinities.
    case f8E4M3 = "F8_E4M3"
    /// Eight-bit scale, a bare exponent.
    case f8E8M0 = "F8_E8M0"
    /// Eight-bit float like `f8E4M3`, without a negative zero.
    case f8E4M3FNUZ = "F8_E4M3FNUZ"
    /// Eight-bit float like `f8E5M2`, without infinities or a negative zero.
    case f8E5M2FNUZ = "F8_E5M2FNUZ"
    /// Signed 16-bit integer.
    case i16 = "I16"
    /// Unsigned 16-bit integer.
    case u16 = "U16"
    /// IEEE half precision.
    case f16 = "F16"
    /// The upper half of a single-precision float.
    case bf16 = "BF16"
    /// Signed 32-bit integer.
    case i32 = "I32"
    /// Unsigned 32-bit integer.
    case u32 = "U32"
    /// IEEE single precision.
    case f32 = "F32"
    /// Two single-precision floats: real, imaginary.
    case c64 = "C64"
    /// IEEE double precision.
    case f64 = "F64"
    /// Signed 64-bit integer.
    case i64 = "I64"
    /// Unsigned 64-bit integer.
    case u64 = "U64"

    /// Bits of one element; 4 and 6 are packed without gaps.
    public var bitWidth: Int {
        switch self {
        case .f4: 4
        case .f6E2M3, .f6E3M2: 6
        case .bool, .u8, .i8, .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ: 8
        case .i16, .u16, .f16, .bf16: 16
        case .i32, .u32, .f32: 32
        case .c64, .f64, .i64, .u64: 64
        }
    }

    /// Bytes of a tensor of this type; `nil` if a size is negative or the product overflows, or if
    /// packed elements do not end on a whole byte, which the format does not allow.
    func byteCount(shape: [Int]) -> Int? {
        var bits = bitWidth
        for size in shape {
            let (product, overflow) = bits.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { return nil }
            bits = product
        }
        return bits % 8 == 0 ? bits / 8 : nil
    }
}
