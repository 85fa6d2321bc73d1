import LTXModel
import Torch

// Axes: B batch, T tokens, C channels.

/// Training on what sampling really meets: pictures that carry the model's own error of one step.
extension FlowMatching {
    /// The batch with its picture reached by one step of the model from the next noisier level of a
    /// short sampling table, instead of mixed at its level; unchanged for other distributions.
    ///
    /// The clean picture is still the target: the velocity leads from where the model went to where it
    /// should be. The sound has one level and one noise in both passes.
    ///
    /// - Parameters:
    ///   - noisy: the batch, mixed at its levels.
    ///   - batch: its clean latents.
    ///   - place: where in the run it is.
    ///   - predict: the model with its adapters, without gradients.
    /// - Returns: the batch where the step leads.
    /// - Throws: `TorchError` if random numbers cannot be had.
    func stepped(
        _ noisy: NoisyBatch,
        of batch: TrainingBatch,
        at place: Place,
        predict: (TransformerInput) -> StreamState
    ) throws -> NoisyBatch {
        guard let table = sigmas(of: batch) as? NextSampleSigmas, place.sigma == nil else {
            return noisy
        }
        let tokens = noisy.video.tokens.size(1)
        let levels = noisy.video.sigmas.map { table.before($0, tokens: tokens) }
        let before = try noisyVideo(batch, levels, place)
        var input = noisy.input
        input.video = modality(before, text: batch.items.map(\.text.video))
        guard let velocity = predict(input).video else { return noisy }

        let (from, to) = (tokenLevels(before), tokenLevels(noisy.video))  // [B, T, 1]
        let clean = before.tokens - before.target * from
        let reached = before.tokens - velocity * (from - to)
        var moved = noisy
        moved.video.tokens = reached
        // Given tokens have level 0 and do not count; nothing may divide by it.
        moved.video.target = (reached - clean) / to.maximum(Tensor.full([], 0.01, device: device))
        moved.input.video?.latent = reached
        return moved
    }

    private func tokenLevels(_ modality: NoisyModality) -> Tensor {
        let (count, length) = (modality.tokens.size(0), modality.tokens.size(1))
        let rows =
            modality.tokenSigmas
            ?? modality.sigmas.map { Array(repeating: Float($0), count: length) }
        return Tensor(Array(rows.joined()), shape: [count, length, 1]).to(on: device)
    }
}
