import ClipData
import RunConfig

/// The texts of what is trained on, of what is measured, and of what the base model is to say.
struct RunPrompts {
    let training: PromptChoice
    let heldOut: PromptChoice?
    let preserved: [String]
    let previews: [String]

    /// Everything that has to be encoded, sorted.
    var all: [String] {
        Set(training.all + (heldOut?.all ?? []) + preserved + previews).sorted()
    }
}

extension RunPlan {
    /// The texts of the run.
    var prompts: RunPrompts {
        RunPrompts(
            training: PromptChoice(clips, file.train, seed: seed),
            heldOut: heldOut.map { PromptChoice($0, file.train, seed: seed) },
            preserved: preservedSounds?.texts ?? [],
            previews: previewTexts
        )
    }
}
