/// A hash that is the same in every process, for fingerprints that tell things apart.
///
/// - Source: FNV-1a with 64 bits (Fowler, Noll, Vo). Not for secrets.
public struct StableHash: Equatable, Sendable, CustomStringConvertible {
    /// The hash of what was added so far.
    public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Nothing added.
    public init() {}

    /// The hash of a text.
    public init(_ text: String) { add(text.utf8) }

    /// Adds bytes.
    public mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
