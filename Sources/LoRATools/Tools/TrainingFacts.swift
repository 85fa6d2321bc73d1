import Foundation

/// What files say of their training, in the words of several programs.
struct TrainingFacts {
    let trigger: String?
    let steps: Int?

    init(_ metadata: [String: String]) {
        let triggers = ["trigger_word", "modelspec.trigger_phrase", "ss_trigger_words"]
        trigger = triggers.compactMap { metadata[$0] }.first { !$0.isEmpty }
        let plain = ["ss_steps", "steps", "step"].compactMap { metadata[$0].flatMap(Int.init) }
        steps = plain.first ?? metadata["training_info"].flatMap(Self.step)
    }

    private struct Info: Decodable { let step: Int? }

    /// `{"step": 1000}`, as ai-toolkit writes it too.
    private static func step(_ text: String) -> Int? {
        try? JSONDecoder().decode(Info.self, from: Data(text.utf8)).step
    }
}
