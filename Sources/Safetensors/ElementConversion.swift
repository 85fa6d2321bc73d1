extension SafetensorsDType {
    /// Reads elements of this type as floats; `nil` for types that are only stored, not computed with.
    func floats(_ bytes: UnsafeRawBufferPointer) -> [Float]? {
        switch self {
        case .bool, .u8: read(bytes, UInt8.self) { Float($0) }
        case .i8: read(bytes, Int8.self) { Float($0) }
        case .i16: read(bytes, Int16.self) { Float($0) }
        case .u16: read(bytes, UInt16.self) { Float($0) }
        case .i32: read(bytes, Int32.self) { Float($0) }
        case .u32: read(bytes, UInt32.self) { Float($0) }
        case .i64: read(bytes, Int64.self) { Float($0) }
        case .u64: read(bytes, UInt64.self) { Float($0) }
        case .f16: read(bytes, UInt16.self) { Float(Float16(bitPattern: $0)) }
        case .bf16: read(bytes, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .f32: read(bytes, UInt32.self) { Float(bitPattern: $0) }
        case .f64: read(bytes, UInt64.self) { Float(Double(bitPattern: $0)) }
        case .f4, .f6E2M3, .f6E3M2, .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ, .c64: nil
        }
    }

    private func read<Stored: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer,
        _: Stored.Type,
        _ convert: (Stored) -> Float
    ) -> [Float] {
        stride(from: 0, to: bytes.count, by: MemoryLayout<Stored>.size).map { offset in
            convert(
                Stored(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Stored.self))
            )
        }
    }
}
