import LTXModel
import Torch

/// Keeps what the base model does under another prompt with the same noise: the caption with a class in
/// place of the trigger word (differential output preservation), or no words at all.
///
/// Needs one extra forward pass and one forward and backward pass in each micro-batch.
public struct PromptPreservation: Preservation {
    private let multiplier: Double

    /// Preserves the items' `preservedText`, this strong.
    public init(multiplier: Double) { self.multiplier = multiplier }

    /// The batch under its other prompts, both modalities; nil if an item has none.
    public func task(
        for batch: TrainingBatch,
        _ noisy: NoisyBatch,
        at place: FlowMatching.Place
    ) -> PreservationTask? {
        let texts = batch.items.compactMap(\.preservedText)
        guard texts.count == batch.items.count else { return nil }
        let device = noisy.video.tokens.device
        var input = noisy.input
        input.video?.text = .concatenate(texts.map { $0.video.to(on: device) }, axis: 0)
        input.audio?.text = .concatenate(texts.map { $0.audio.to(on: device) }, axis: 0)
        return PreservationTask(
            name: "prompt",
            input: input,
            video: noisy.video,
            audio: noisy.learnsAudio ? noisy.audio : nil,
            usesPreservedText: true,
            factor: multiplier
        )
    }
}
