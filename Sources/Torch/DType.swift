public import Safetensors
import TorchBridge

/// Element type of a tensor.
public enum DType: Int32, Sendable, CaseIterable {
    case bool = 0
    case uint8, int8, int16, int32, int64
    case float16, bfloat16, float32, float64, float8E4M3, float8E5M2
    case uint16, uint32, uint64

    init(_ raw: tb_dtype) { self = DType(rawValue: raw.rawValue) ?? .float32 }

    var bridged: tb_dtype { tb_dtype(rawValue: rawValue) }

    /// Bytes of one element.
    public var byteWidth: Int {
        switch self {
        case .bool, .uint8, .int8, .float8E4M3, .float8E5M2: 1
        case .int16, .float16, .bfloat16, .uint16: 2
        case .int32, .float32, .uint32: 4
        case .int64, .float64, .uint64: 8
        }
    }

    /// Whether the type holds fractions.
    public var isFloatingPoint: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64, .float8E4M3, .float8E5M2: true
        default: false
        }
    }
}

extension DType {
    private static let pairs: [(DType, SafetensorsDType)] = [
        (.bool, .bool), (.uint8, .u8), (.int8, .i8), (.int16, .i16), (.int32, .i32), (.int64, .i64),
        (.float16, .f16), (.bfloat16, .bf16), (.float32, .f32), (.float64, .f64),
        (.float8E4M3, .f8E4M3), (.float8E5M2, .f8E5M2),
        (.uint16, .u16), (.uint32, .u32), (.uint64, .u64),
    ]

    /// The type that a file calls by this name; nil for packed types that LibTorch does not have.
    public init?(_ stored: SafetensorsDType) {
        guard let pair = Self.pairs.first(where: { $0.1 == stored }) else { return nil }
        self = pair.0
    }

    /// How files call this type.
    public var stored: SafetensorsDType {
        Self.pairs.first { $0.0 == self }?.1 ?? .f32
    }
}
