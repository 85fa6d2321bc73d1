import Adapters
import LTXModel

/// What a pass teaches: adapters that write a modality without a loss are left alone.
///
/// The loss of the picture reaches the audio stream's adapters through the attention between the
/// streams. Where nothing says how that sound should be, such gradients only make the voice drift.
enum Lesson: CaseIterable {
    case picture
    case sound
    case both

    /// Nil if nothing is taught.
    init?(picture: Bool, sound: Bool) {
        switch (picture, sound) {
        case (true, true): self = .both
        case (true, false): self = .picture
        case (false, true): self = .sound
        case (false, false): return nil
        }
    }

    func teaches(_ pathway: Pathway) -> Bool {
        switch self {
        case .picture: !pathway.writesAudio
        case .sound: pathway.writesAudio
        case .both: true
        }
    }
}

/// A pass for each lesson; they differ in the adapters that they give gradients.
struct LessonPasses {
    private let passes: [Lesson: BlockwisePass]
    private let whole: BlockwisePass

    init(_ transformer: Transformer, _ network: any TrainedNetwork, checkpointing: Checkpointing) {
        func pass(_ lesson: Lesson) -> BlockwisePass {
            BlockwisePass(
                transformer,
                layout: network.layout(where: lesson.teaches),
                checkpointing: checkpointing
            )
        }
        whole = pass(.both)
        passes = [.picture: pass(.picture), .sound: pass(.sound)]
    }

    subscript(lesson: Lesson) -> BlockwisePass { passes[lesson] ?? whole }
}
