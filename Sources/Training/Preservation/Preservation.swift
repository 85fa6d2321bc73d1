public import LTXModel
import Torch

/// A further pass of a step in which the frozen base model is the teacher.
///
/// What the adapters must not change is named by an input: what the base model predicts for it is the
/// target of the model with adapters.
public protocol Preservation {
    /// The pass for a batch; nil if there is none for it.
    func task(
        for batch: TrainingBatch,
        _ noisy: NoisyBatch,
        at place: FlowMatching.Place
    ) throws -> PreservationTask?
}

/// One such pass.
public struct PreservationTask {
    /// Name in reports.
    public let name: String
    /// What both models are given.
    public let input: TransformerInput
    /// Which video tokens and items count, nil for none; its own target is not used.
    public let video: NoisyModality?
    /// Which audio tokens and items count; nil for none.
    public let audio: NoisyModality?
    /// Whether the items' preserved prompts are the input's text.
    public var usesPreservedText = false
    /// Factor on its loss.
    public let factor: Double
}
