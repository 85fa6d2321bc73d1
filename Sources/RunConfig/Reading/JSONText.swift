/// The one thing in JSON that YAML has no word for.
enum JSONText {
    /// Writes out characters that JSON escapes as two halves, as in `\ud83d\ude00`.
    static func joiningSurrogates(in text: String) -> String {
        let pattern = #/\\\\|\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/#
        return text.replacing(pattern) { match in
            guard let high = match.1.flatMap({ UInt32($0, radix: 16) }),
                let low = match.2.flatMap({ UInt32($0, radix: 16) }),
                let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
            else { return String(match.0) }
            return String(scalar)
        }
    }
}
