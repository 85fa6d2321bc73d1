import ClipCache
import LTXModel
import Torch

// Axes: B batch, C channels, T audio latents.

/// Noise in the sound.
extension FlowMatching {
    /// A noise level for the sound of each item, also of those that have none.
    func audioSigmas(
        _ batch: TrainingBatch,
        video sigmas: [Double],
        _ place: Place
    ) throws -> [Double] {
        guard place.sigma == nil else { return sigmas }
        return try options.audioSigmas.draw(
            video: sigmas,
            tokens: batch.audioLength,
            random: random(.audioSigma, place)
        )
    }

    /// Sound with noise; nil if nobody knows how many channels a latent has.
    func noisyAudio(
        _ batch: TrainingBatch,
        _ drawn: [Double],
        _ place: Place
    ) throws -> NoisyModality? {
        let known = batch.items.compactMap { $0.audio?.shape[1] }.first
        guard let channels = known ?? options.audioChannels else { return nil }
        let length = batch.audioLength
        let clean = Tensor.stack(batch.items.map { padded($0.audio, length, channels) })
        let noise = try random(.audioNoise, place).normal(clean.shape)
        return mixed(clean, noise, audioLevels(batch, drawn, length, place))
    }

    private func audioLevels(
        _ batch: TrainingBatch,
        _ drawn: [Double],
        _ length: Int,
        _ place: Place
    ) -> TokenLevels {
        // Without sound the tokens are pure noise, and the model is told so.
        let sigmas = zip(batch.items, drawn).map { $0.audio == nil ? 1 : $1 }
        let lengths = batch.items.map { $0.audio?.shape[0] ?? length }
        let present = lengths.map { count in (0..<length).map { $0 < count } }
        let hearing = Double(max(batch.items.count { $0.audio != nil }, 1))
        return TokenLevels(
            itemSigmas: sigmas,
            sigmas: sigmas.map { Array(repeating: Float($0), count: length) },
            counts: zip(present, batch.items).map { tokens, item in
                item.audio == nil ? tokens.map { _ in false } : tokens
            },
            itemWeights: batch.items.map { item in
                guard item.audio != nil else { return 0 }
                return (place.sigma == nil ? item.lossMultiplier : 1) / hearing
            },
            present: lengths.allSatisfy { $0 == length } ? nil : present
        )
    }

    /// `[T, C]`, with zeros at the end or everywhere.
    private func padded(_ audio: FloatBuffer?, _ length: Int, _ channels: Int) -> Tensor {
        guard let audio else { return .zeros([length, channels]) }
        let clean = Tensor(audio.values, shape: audio.shape)
        let missing = length - audio.shape[0]
        return missing > 0 ? clean.padded([0, 0, 0, missing]) : clean
    }
}
