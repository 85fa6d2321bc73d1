/// The text of one clip and the rules that change it from step to step.
///
/// Every draw comes from the generator that is passed in, so that a run is repeatable.
public struct Caption: Sendable, Equatable {
    /// The text as written beside the clip; untouched unless dropout or shuffling is on.
    public let raw: String
    /// The word that stands for the character; empty when there is none.
    public let trigger: String
    /// How the text varies between steps.
    public let variation: CaptionVariation
    /// Clips of a regularisation set never get the trigger put in front.
    public let isRegularisation: Bool

    /// Makes a caption from its text and rules.
    public init(
        raw: String,
        trigger: String = "",
        variation: CaptionVariation = CaptionVariation(),
        isRegularisation: Bool = false
    ) {
        self.raw = raw
        self.trigger = trigger
        self.variation = variation
        self.isRegularisation = isRegularisation
    }

    /// The text without any dropout or shuffling.
    public var full: String { withTrigger(raw) }

    /// The text that stands for a dropped caption: the trigger alone, or nothing.
    public var dropped: String { isRegularisation ? "" : trigger }

    /// All texts this caption can take, the full one first; `nil` when each step draws a new one.
    ///
    /// Text features can be cached exactly when this is not `nil`.
    public var fixedTexts: [String]? {
        guard !variation.changesTokens else { return nil }
        return variation.captionDropoutRate > 0 && dropped != full ? [full, dropped] : [full]
    }

    /// Draws the text for one step.
    public func text(using generator: inout SeededGenerator) -> String {
        if variation.captionDropoutRate > 0, generator.unit() < variation.captionDropoutRate {
            return dropped
        }
        guard variation.changesTokens else { return full }
        let isReordered = variation.tokenDropoutRate > 0 || variation.shufflesTokens
        let text = isReordered ? variedTokens(using: &generator) : raw
        return withTrigger(text) + extraTags(using: &generator)
    }

    /// Draws which of the extra tags are put behind the text.
    private func extraTags(using generator: inout SeededGenerator) -> String {
        guard !variation.extraTags.isEmpty else { return "" }
        let most = max(1, variation.mostExtraTags)
        let count = most == 1 ? 1 : generator.below(most + 1)
        var tags = variation.extraTags
        generator.shuffle(&tags)
        return tags.prefix(count).map { ", \($0)" }.joined()
    }

    /// Drops and shuffles the comma-separated parts of the text; the first ones stay.
    private func variedTokens(using generator: inout SeededGenerator) -> String {
        let tokens = raw.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmed }
            .filter { !$0.isEmpty }
        let kept = tokens.prefix(max(0, variation.keepTokens))
        var rest = Array(tokens.dropFirst(kept.count))
        if variation.tokenDropoutRate > 0 {
            rest = rest.filter { _ in generator.unit() >= variation.tokenDropoutRate }
        }
        if variation.shufflesTokens { generator.shuffle(&rest) }
        return (kept + rest).joined(separator: ", ")
    }

    /// Fills in the tags, and puts the trigger in front unless the text already holds it.
    private func withTrigger(_ text: String) -> String {
        let filled = text.replacing("[trigger]", with: trigger).replacing("[name]", with: trigger)
        guard !trigger.isEmpty, !isRegularisation, !filled.contains(trigger) else { return filled }
        return filled.trimmed.isEmpty ? trigger : "\(trigger) \(filled)"
    }
}

/// How captions vary between steps; nothing varies by default.
public struct CaptionVariation: Sendable, Equatable {
    /// Share of steps, 0...1, in which the whole caption is left out.
    public var captionDropoutRate: Double
    /// Share, 0...1, of comma-separated parts that are left out.
    public var tokenDropoutRate: Double
    /// How many parts at the front are never left out nor moved.
    public var keepTokens: Int
    /// Whether the parts behind the kept ones change their order.
    public var shufflesTokens: Bool
    /// Words of which some are put behind the text.
    public var extraTags: [String]
    /// How many of them at most: 1 is always one, more is any number up to it.
    public var mostExtraTags: Int

    /// Makes a variation; without arguments one that leaves the caption as it is.
    public init(
        captionDropoutRate: Double = 0,
        tokenDropoutRate: Double = 0,
        keepTokens: Int = 0,
        shufflesTokens: Bool = false,
        extraTags: [String] = [],
        mostExtraTags: Int = 1
    ) {
        self.captionDropoutRate = captionDropoutRate
        self.tokenDropoutRate = tokenDropoutRate
        self.keepTokens = keepTokens
        self.shufflesTokens = shufflesTokens
        self.extraTags = extraTags
        self.mostExtraTags = mostExtraTags
    }

    var changesTokens: Bool { tokenDropoutRate > 0 || shufflesTokens || !extraTags.isEmpty }
}

extension StringProtocol {
    /// The text without white space at both ends.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
