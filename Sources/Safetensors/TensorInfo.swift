/// What a file's header says about one tensor.
public struct TensorInfo: Sendable, Equatable {
    /// The tensor's key in the file.
    public let name: String
    /// Type of an element.
    public let dtype: SafetensorsDType
    /// Sizes of the axes, row-major; empty for a scalar.
    public let shape: [Int]
    /// Where the elements lie, in bytes from the start of the file.
    public let byteRange: Range<Int>

    /// Product of the sizes; 1 for a scalar.
    public var elementCount: Int { shape.reduce(1, *) }
    /// Bytes of all elements.
    public var byteCount: Int { byteRange.count }
}

/// A tensor to be written: all that the header needs to know before the first byte.
public struct SafetensorsEntry: Sendable, Equatable {
    /// The tensor's key in the file.
    public let name: String
    /// Type of an element.
    public let dtype: SafetensorsDType
    /// Sizes of the axes, row-major; empty for a scalar.
    public let shape: [Int]

    /// Describes a tensor; nothing is checked before `SafetensorsWriter.init`.
    public init(name: String, dtype: SafetensorsDType, shape: [Int]) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
    }
}
