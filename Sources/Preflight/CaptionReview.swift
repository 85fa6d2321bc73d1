import Foundation

/// What a clip's caption says about its character and its words.
public struct CaptionReview: Codable, Sendable, Equatable {
    /// The text as it is trained with, trigger included.
    public let text: String
    /// Whether there is a caption at all.
    public let isThere: Bool
    /// Whether the trigger word is written in it, itself or as a tag; nil without a trigger word.
    ///
    /// Training puts it in front where it is not.
    public let hasTrigger: Bool?
    /// What looks like the words that are spoken.
    public let transcript: String?

    /// Looks into a caption.
    ///
    /// - Parameters:
    ///   - raw: as written beside the clip.
    ///   - full: as trained with.
    ///   - trigger: the word that stands for the character; empty for none.
    public init(raw: String, full: String, trigger: String) {
        text = full
        isThere = !raw.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty
        hasTrigger =
            trigger.isEmpty
            ? nil : [trigger, "[trigger]", "[name]"].contains { raw.contains($0) }
        transcript = Self.transcript(in: full)
    }

    /// Words between quotes, or behind a mark such as `[SPEECH]:`, `Transcript:` or `says:`; two at least.
    static func transcript(in text: String) -> String? {
        let patterns = [
            #/[“"«„]([^“”"«»„]{3,})[”"»“]/#,
            #/[「『]([^」』]{2,})[」』]/#,
            #/(?i)\[\s*(?:speech|transcript|dialogue|voice)\s*\]\s*:?\s*([^\[\n]{3,})/#,
            #/(?i)\b(?:speech|transcript|dialogue)\s*:\s*([^\n]{3,})/#,
            #/(?i)\b(?:says|saying|speaks|whispers|shouts|asks|replies)\s*:\s*([^\n]{3,})/#,
        ]
        for pattern in patterns {
            let parts = text.matches(of: pattern)
                .map { $0.1.trimmingCharacters(in: .whitespacesAndNewlines) }
            if let words = parts.first(where: isSpoken) { return words }
        }
        return nil
    }

    /// Two words, or as many signs of a script that writes none apart; one quoted word is a name or a sign.
    private static func isSpoken(_ text: String) -> Bool {
        let ideographs = text.unicodeScalars.count { (0x3040...0x9FFF).contains($0.value) }
        return ideographs >= 4 || text.split(whereSeparator: \.isWhitespace).count >= 2
    }
}
