import Crypto
import Foundation

/// What the hub's etag says about a file's content: SHA-256 for large files, git's hash for others.
struct ContentHash: Equatable, Sendable {
    enum Kind { case sha256, gitBlob }
    let kind: Kind
    /// Hexadecimal, lower case; safe as a file name.
    let text: String

    /// Reads an etag header, `"…"` or `W/"…"`; `nil` if it is no hash of the content.
    init?(etag: String) {
        let text = (etag.hasPrefix("W/") ? String(etag.dropFirst(2)) : etag)
            .trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        guard text.wholeMatch(of: /[0-9a-f]+/) != nil else { return nil }
        switch text.count {
        case 64: kind = .sha256
        case 40: kind = .gitBlob
        default: return nil
        }
        self.text = text
    }

    /// A running hash of a file of `size` bytes; git hashes the size first.
    func start(size: Int) -> any HashFunction {
        guard kind == .gitBlob else { return SHA256() }
        var hash = Insecure.SHA1()
        hash.update(data: Data("blob \(size)\0".utf8))
        return hash
    }

    static func text(of hash: any HashFunction) -> String {
        func hexadecimal(_ hash: some HashFunction) -> String {
            hash.finalize().map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }.joined()
        }
        return hexadecimal(hash)
    }
}
