internal import Crypto
internal import Safetensors

/// SHA-256 in the forms that the cache needs.
enum Digest {
    /// Hashes named fields; no two different sets of fields give the same text.
    static func hex(ofFields fields: [String: String]) -> String {
        var hash = SHA256()
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            update(&hash, with: name)
            update(&hash, with: value)
        }
        return hex(hash)
    }

    /// Hashes the facts of a cache file and its numbers together with their names and shapes.
    static func hex(of tensors: [CacheTensor], facts: [String: String]) -> String {
        var hash = SHA256()
        update(&hash, with: hex(ofFields: facts))
        for tensor in tensors {
            update(&hash, with: "\(tensor.name) \(tensor.type.rawValue) \(tensor.shape)")
            tensor.withBytes { hash.update(bufferPointer: $0) }
        }
        return hex(hash)
    }

    /// Length first, so that a boundary cannot move.
    private static func update(_ hash: inout SHA256, with text: String) {
        let bytes = Array(text.utf8)
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }

    private static func hex(_ hash: SHA256) -> String {
        let digits = Array("0123456789abcdef")
        return String(hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
