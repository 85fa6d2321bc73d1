/// Single-precision numbers with a shape in plain memory: what crosses from one thread to another.
public struct FloatBuffer: Sendable, Equatable {
    /// Sizes of the axes, row-major.
    public let shape: [Int]
    /// As many numbers as the shape's product.
    public let values: [Float]

    /// Joins a shape and its numbers; their counts must agree.
    public init(shape: [Int], values: [Float]) {
        precondition(
            shape.reduce(1, *) == values.count,
            "FloatBuffer: \(values.count) values cannot have the shape \(shape)"
        )
        self.shape = shape
        self.values = values
    }

    /// Whether every number is finite.
    var isFinite: Bool { values.allSatisfy(\.isFinite) }
}

/// Numbers in bfloat16 with a shape: the upper half of each single-precision number.
public struct BFloat16Buffer: Sendable, Equatable {
    /// Sizes of the axes, row-major.
    public let shape: [Int]
    /// The bit patterns, as many as the shape's product.
    public let bits: [UInt16]

    /// Joins a shape and its bit patterns; their counts must agree.
    public init(shape: [Int], bits: [UInt16]) {
        precondition(
            shape.reduce(1, *) == bits.count,
            "BFloat16Buffer: \(bits.count) values cannot have the shape \(shape)"
        )
        self.shape = shape
        self.bits = bits
    }

    /// Rounds single-precision numbers to the nearest, ties to even.
    public init(rounding buffer: FloatBuffer) {
        self.init(shape: buffer.shape, bits: buffer.values.map(Self.rounded))
    }

    /// The same numbers in single precision; nothing is lost.
    public var floats: FloatBuffer {
        FloatBuffer(
            shape: shape,
            values: bits.map { Float(bitPattern: UInt32($0) << 16) }
        )
    }

    /// Whether every number is finite.
    var isFinite: Bool { bits.allSatisfy { $0 & 0x7F80 != 0x7F80 } }

    private static func rounded(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        // Rounding could carry a NaN over into infinity; it keeps its sign and stays a NaN.
        guard !value.isNaN else { return UInt16(bits >> 16) | 0x0040 }
        return UInt16((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16)
    }
}
