import Safetensors
public import Torch

/// A short text that changes when weights change; reads little even of a 40 GB file.
///
/// Names, types and shapes of all tensors go in, and some bytes from the beginning, middle and end of
/// each: a fine-tune changes nearly every value, so nearly every sample.
public struct WeightFingerprint: Equatable, Sendable, CustomStringConvertible {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a, 64 bits

    /// Looks at all tensors of a source.
    public init(_ weights: FileWeights) {
        for name in weights.names {
            guard let info = weights.info(name) else { continue }
            add("\(name) \(info.dtype.rawValue) \(info.shape)".utf8)
            weights.withBytes(of: name) { bytes in
                for start in [0, bytes.count / 2, max(0, bytes.count - 16)] {
                    add(bytes[start..<min(start + 16, bytes.count)])
                }
            }
        }
    }

    private mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
