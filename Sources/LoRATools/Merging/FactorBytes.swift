import Foundation
import Safetensors
import Torch

/// Factors brought together as bytes, without reading them as numbers.
enum FactorBytes {
    /// Matrices of one width one below the other.
    static func stacked(_ parts: [(LoRALayer, LoRAPart)]) -> [UInt8] {
        let total = parts.reduce(0) { $0 + $1.1.stored.byteCount }
        return [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            for (layer, part) in parts {
                layer.file.withBytes(of: part.stored.name) { bytes in
                    // Safe because the capacity is the sum of all parts.
                    let rest = UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(buffer)[count...]
                    )
                    rest.copyMemory(from: bytes)
                    count += bytes.count
                }
                layer.file.dropFromMemory(part.stored.name)
            }
        }
    }

    /// Matrices of one height side by side.
    static func besides(_ parts: [(LoRALayer, LoRAPart)], rows: Int) -> [UInt8] {
        let widths = parts.map { $0.1.stored.byteCount / rows }
        let width = widths.reduce(0, +)
        return [UInt8](unsafeUninitializedCapacity: width * rows) { buffer, count in
            var column = 0
            for ((layer, part), own) in zip(parts, widths) {
                layer.file.withBytes(of: part.stored.name) { bytes in
                    guard let from = bytes.baseAddress, let to = buffer.baseAddress else { return }
                    for row in 0..<rows {
                        // Safe because column + own ≤ width and row < rows.
                        memcpy(to + (row * width + column), from + row * own, own)
                    }
                }
                layer.file.dropFromMemory(part.stored.name)
                column += own
            }
            count = width * rows
        }
    }

    /// Whether all floats are finite: none has all bits of the exponent set.
    static func isFinite(_ bytes: UnsafeRawBufferPointer, _ dtype: DType) -> Bool {
        switch dtype {
        case .bfloat16: isFinite(bytes, exponent: UInt16(0x7F80), unit: 0x0080)
        case .float16: isFinite(bytes, exponent: UInt16(0x7C00), unit: 0x0400)
        case .float32: isFinite(bytes, exponent: UInt32(0x7F80_0000), unit: 0x0080_0000)
        default: true
        }
    }

    /// Adding one unit to a full exponent reaches the sign bit, to any other it does not.
    private static func isFinite<Bits: FixedWidthInteger & UnsignedInteger>(
        _ bytes: UnsafeRawBufferPointer,
        exponent: Bits,
        unit: Bits
    ) -> Bool {
        let count = bytes.count / MemoryLayout<Bits>.size
        var reached: Bits = 0
        for place in 0..<count {
            let bits = bytes.loadUnaligned(
                fromByteOffset: place &* MemoryLayout<Bits>.size,
                as: Bits.self
            )
            reached |= (bits & exponent) &+ unit
        }
        return reached & ~(Bits.max >> 1) == 0
    }
}
