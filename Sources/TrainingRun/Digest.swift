import Crypto
import Foundation

/// Fingerprints of texts.
enum Digest {
    /// SHA-256 of a text, 64 hexadecimal digits.
    static func sha256(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
    }
}
