import Crypto
import Foundation

/// SHA-256 of a whole file.
enum FileDigest {
    /// Sixty-four hexadecimal digits; the file is read some megabytes at a time.
    ///
    /// - Throws: what the system says; `CancellationError` once the task is cancelled.
    static func hex(path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        var hash = SHA256()
        while let part = try file.read(upToCount: 1 << 22), !part.isEmpty {
            try Task.checkCancellation()
            hash.update(data: part)
        }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
