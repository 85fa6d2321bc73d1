import Safetensors
public import Torch

/// A short text that changes when weights change; reads little even of a 40 GB file.
///
/// Names, types and shapes of all tensors go in, and some bytes from the beginning, middle and end of
/// each: a fine-tune changes nearly every value, so nearly every sample.
public struct WeightFingerprint: Equatable, Sendable, CustomStringConvertible {
    private var hash = StableHash()

    /// Looks at all tensors of a source.
    public init(_ weights: FileWeights) {
        for name in weights.names {
            guard let info = weights.info(name) else { continue }
            hash.add("\(name) \(info.dtype.rawValue) \(info.shape)".utf8)
            weights.withBytes(of: name) { bytes in
                for start in [0, bytes.count / 2, max(0, bytes.count - 16)] {
                    hash.add(bytes[start..<min(start + 16, bytes.count)])
                }
            }
        }
    }

    /// Sixteen hexadecimal digits.
    public var description: String { hash.description }
}
