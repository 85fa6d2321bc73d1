import ClipData
import RunConfig

/// Which texts an item may get, and which it gets in a step.
struct PromptChoice {
    /// Variants that are drawn up front where captions change from step to step.
    static let variants = 8

    /// Texts of each planned item, without the dropped one.
    let texts: [[String]]
    private let dropped: [String]
    private let dropout: [Double]
    private let preserved: [PreservedPrompt?]

    init(_ clips: ClipPlan, _ train: TrainSection, seed: UInt64) {
        let captions = clips.items.map(\.clip.caption)
        // With `unload_text_encoder` the trigger word stands for every caption.
        let ignoresCaptions = train.unloadTextEncoder
        texts = captions.enumerated().map { number, caption in
            ignoresCaptions
                ? [caption.dropped] : Self.texts(caption, number: number, seed: seed)
        }
        dropped = captions.map(\.dropped)
        dropout = captions.map(\.variation.captionDropoutRate)
        preserved = captions.map { PreservedPrompt(train, of: $0) }
    }

    /// Everything that has to be encoded, sorted.
    var all: [String] {
        let used = texts.indices.flatMap { number in
            let drawn = texts[number] + (dropout[number] > 0 ? [dropped[number]] : [])
            return drawn + drawn.compactMap { preserved(number, beside: $0) }
        }
        return Set(used).sorted()
    }

    /// The prompt under which an item keeps what the base model does, while its own is `text`.
    func preserved(_ number: Int, beside text: String) -> String? {
        preserved[number]?.text(for: text)
    }

    /// The text that an item is measured with.
    func first(_ number: Int) -> String { texts[number].first ?? dropped[number] }

    func draw(_ number: Int, using generator: inout SeededGenerator) -> String {
        if dropout[number] > 0, generator.unit() < dropout[number] { return dropped[number] }
        return texts[number][generator.below(texts[number].count)]
    }

    private static func texts(_ caption: Caption, number: Int, seed: UInt64) -> [String] {
        guard caption.fixedTexts == nil else { return [caption.full] }
        var kept = caption.variation
        kept.captionDropoutRate = 0
        let varied = Caption(
            raw: caption.raw,
            trigger: caption.trigger,
            variation: kept,
            isRegularisation: caption.isRegularisation
        )
        var generator = SeededGenerator(seed: seed, stream: 0xCA_0000 + UInt64(number))
        return (0..<variants).map { _ in varied.text(using: &generator) }
    }
}

/// What stands for a caption where the base model is to be preserved.
enum PreservedPrompt {
    /// The caption with the trigger word replaced by a class, every time.
    case withClass(String, trigger: String)
    /// Nothing.
    case blank

    /// Nil if nothing is to be preserved, as with regularisation sets: they have no trigger word.
    init?(_ train: TrainSection, of caption: Caption) {
        guard !caption.isRegularisation else { return nil }
        if train.diffOutputPreservation {
            self = .withClass(train.diffOutputPreservationClass, trigger: caption.trigger)
        } else if train.blankPromptPreservation {
            self = .blank
        } else {
            return nil
        }
    }

    func text(for text: String) -> String {
        switch self {
        case .blank: ""
        case .withClass(_, let trigger) where trigger.isEmpty: text
        case .withClass(let name, let trigger): text.replacing(trigger, with: name)
        }
    }
}
