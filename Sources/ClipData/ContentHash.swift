internal import Crypto
import Foundation

/// What a file is, however it is called: SHA-256 of its bytes, in hex.
enum ContentHash {
    /// Hashes a file in pieces of a megabyte.
    static func of(_ path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var hash = SHA256()
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
            hash.update(data: piece)
        }
        return hex(hash)
    }

    /// Hashes a text.
    static func of(text: String) -> String {
        var hash = SHA256()
        hash.update(data: Data(text.utf8))
        return hex(hash)
    }

    private static func hex(_ hash: SHA256) -> String {
        hash.finalize().map { String(format: "%02x", $0) }.joined()
    }
}

/// The state of a file that changes whenever its bytes do.
///
/// The time of the last status change cannot be set back by copying tools, as the time of the last
/// write can; so a clip replaced by one of the same size and date is noticed too.
struct FileStamp: Codable, Equatable, Sendable {
    let size: Int
    let modified: Int  // nanoseconds since 1970
    let changed: Int  // nanoseconds since 1970

    /// Reads the state; `nil` if the file is not there.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        size = Int(status.st_size)
        modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
        changed = status.st_ctim.tv_sec * 1_000_000_000 + status.st_ctim.tv_nsec
    }
    /// Whether the last change lies at least this long ago.
    func hasSettled(for time: Duration) -> Bool {
        let change = Date(timeIntervalSince1970: Double(changed) / 1e9)
        return Date().timeIntervalSince(change) >= time / .seconds(1)
    }
}
