internal import Safetensors

/// A tensor on its way to or from a cache file.
struct CacheTensor {
    enum Numbers {
        case float([Float])
        case bfloat16([UInt16])
    }

    let name: String
    let shape: [Int]
    let numbers: Numbers

    init(_ name: String, _ buffer: FloatBuffer) {
        self.name = name
        shape = buffer.shape
        numbers = .float(buffer.values)
    }

    init(_ name: String, _ buffer: BFloat16Buffer) {
        self.name = name
        shape = buffer.shape
        numbers = .bfloat16(buffer.bits)
    }

    /// Reads a tensor; `nil` if it is absent or of another type than the cache writes.
    init?(_ name: String, from file: SafetensorsFile) {
        guard let info = file.info(name) else { return nil }
        let count = info.elementCount
        let numbers: Numbers?? = file.withBytes(of: name) { bytes in
            switch info.dtype {
            case .f32: .float(Self.copy(bytes, count: count))
            case .bf16: .bfloat16(Self.copy(bytes, count: count))
            default: nil
            }
        }
        guard let numbers = numbers ?? nil else { return nil }
        self.name = name
        shape = info.shape
        self.numbers = numbers
    }

    var type: SafetensorsDType {
        switch numbers {
        case .float: .f32
        case .bfloat16: .bf16
        }
    }

    var floats: FloatBuffer? {
        if case .float(let values) = numbers {
            FloatBuffer(shape: shape, values: values)
        } else {
            nil
        }
    }

    var bfloats: BFloat16Buffer? {
        if case .bfloat16(let bits) = numbers {
            BFloat16Buffer(shape: shape, bits: bits)
        } else {
            nil
        }
    }

    /// Hands out the bytes, little-endian as every machine this runs on.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch numbers {
        case .float(let values): try values.withUnsafeBytes(body)
        case .bfloat16(let bits): try bits.withUnsafeBytes(body)
        }
    }

    private static func copy<Element: BitwiseCopyable & Numeric>(
        _ bytes: UnsafeRawBufferPointer,
        count: Int
    ) -> [Element] {
        [Element](unsafeUninitializedCapacity: count) { target, initialized in
            // Safe because the header was checked: a tensor has exactly `count` elements.
            UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
            initialized = count
        }
    }
}
