import Foundation

/// What a clip's caption says about its character and its words.
public struct CaptionReview: Codable, Sendable, Equatable {
    /// The text as it is trained with, trigger included.
    public let text: String
    /// Whether there is a caption at all.
    public let isThere: Bool
    /// Whether the trigger word is in it; nil without a trigger word.
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
        hasTrigger = trigger.isEmpty ? nil : full.contains(trigger)
        transcript = Self.transcript(in: raw)
    }

    /// Words between quotes, or behind a mark such as `[SPEECH]:` or `says:`; two words at least.
    static func transcript(in text: String) -> String? {
        let patterns = [
            #/[“"«„]([^“”"«»„]{3,})[”"»“]/#,
            #/(?i)\[\s*(?:speech|transcript|dialogue|voice)\s*\]\s*:?\s*([^\[\n]{3,})/#,
            #/(?i)\b(?:says|saying|speaks|whispers|shouts|asks|replies)\s*:\s*([^\n]{3,})/#,
        ]
        for pattern in patterns {
            guard let match = text.firstMatch(of: pattern) else { continue }
            let words = match.1.trimmingCharacters(in: .whitespacesAndNewlines)
            if words.split(whereSeparator: \.isWhitespace).count >= 2 { return words }
        }
        return nil
    }
}
