import TorchBridge

/// A stream of random numbers from a seed; the same on every device, since it is drawn on the CPU.
public final class RandomGenerator {
    private let handle: OpaquePointer

    /// A stream of its own for each seed.
    public init(seed: UInt64) throws(TorchError) {
        var made: OpaquePointer?
        let status = tb_generator_create(&made, seed)
        guard let made else { throw TorchError("generator", status, shapes: []) }
        handle = made
    }

    /// The stream of one purpose within one step of a run: resuming needs no state but the step.
    public convenience init(seed: UInt64, step: Int, purpose: UInt64) throws(TorchError) {
        try self.init(seed: Self.seed(seed, step: step, purpose: purpose))
    }

    /// The seed of one purpose within one step of a run.
    public static func seed(_ seed: UInt64, step: Int, purpose: UInt64) -> UInt64 {
        mixed(mixed(mixed(seed) ^ UInt64(bitPattern: Int64(step))) ^ purpose)
    }

    deinit { tb_generator_free(handle) }

    /// Standard normal numbers, float32.
    public func normal(_ shape: [Int]) -> Tensor {
        withExtendedLifetime(self) {
            Tensor.call("normal", []) { out, _ in withDims(shape) { tb_normal(out, $0, handle) } }
        }
    }

    /// A seed for a stream that is needed later; drawn from this one.
    public func seedForLater() -> UInt64 {
        let words = uniform([4]).floats().map { UInt64($0 * 65536) }
        return words.reduce(0) { $0 << 16 | $1 }
    }

    /// Numbers from 0 up to, not including, 1, float32.
    public func uniform(_ shape: [Int]) -> Tensor {
        withExtendedLifetime(self) {
            Tensor.call("uniform", []) { out, _ in withDims(shape) { tb_uniform(out, $0, handle) } }
        }
    }
}

/// Spreads neighbouring seeds far apart.
///
/// - Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
private func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}
