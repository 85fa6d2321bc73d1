public import ClipCache
import LTXModel
import Torch

// Axes: T audio latents, C channels.

/// Keeps the base model's voice on clips that have no sound.
///
/// Such clips teach the picture; what that does to the sound nobody would notice while training. So
/// they are run once more beside sound that the base model knows: true silence through the audio VAE, or
/// sound that the base model itself made before training. Its own audio prediction is the target.
public struct VoicePreservation: Preservation {
    private let sounds: [FloatBuffer]
    private let every: Int
    private let multiplier: Double
    private let noise: FlowMatching

    /// Preserves the voice.
    ///
    /// - Parameters:
    ///   - sounds: audio latents `[T, C]`, one at least, each as long as the longest clip without sound.
    ///   - every: steps between two such passes.
    ///   - multiplier: factor on the loss.
    ///   - noise: the run's noise.
    public init(sounds: [FloatBuffer], every: Int, multiplier: Double, noise: FlowMatching) {
        self.sounds = sounds
        self.every = max(1, every)
        self.multiplier = multiplier
        self.noise = noise
    }

    /// The batch with known sound where it has none; nil if all items have sound, or out of turn.
    public func task(
        for batch: TrainingBatch,
        _ noisy: NoisyBatch,
        at place: FlowMatching.Place
    ) throws -> PreservationTask? {
        let isSilent = batch.items.map { $0.audio == nil }
        guard place.step.isMultiple(of: every), isSilent.contains(true), !sounds.isEmpty else {
            return nil
        }
        let draws = try noise.random(.preservedSound, place).uniform([batch.items.count]).floats()
        let lent = zip(batch.items, draws).map { item, draw in
            item.audio == nil
                ? item.replacingSound(sound(draw, length: batch.audioLength)) : item
        }
        let filled = TrainingBatch(items: lent, fps: batch.fps, epoch: batch.epoch)
        guard let audio = try noise.noisyAudio(filled, noisy.drawnAudioSigmas, place) else {
            return nil
        }
        var input = noisy.input
        input.audio = noise.modality(audio, text: batch.items.map(\.text.audio))
        return PreservationTask(
            name: "voice",
            input: input,
            video: nil,
            audio: audio.counting(isSilent),
            factor: multiplier
        )
    }

    private func sound(_ draw: Float, length: Int) -> FloatBuffer {
        let whole = sounds[min(sounds.count - 1, Int(draw * Float(sounds.count)))]
        let width = whole.shape[1]
        let count = min(length, whole.shape[0])
        return FloatBuffer(
            shape: [count, width],
            values: Array(whole.values.prefix(count * width))
        )
    }
}

extension TrainingItem {
    fileprivate func replacingSound(_ sound: FloatBuffer) -> TrainingItem {
        TrainingItem(name: name, video: video, audio: sound, text: text, settings: settings)
    }
}

extension NoisyModality {
    /// The modality with only some items in the loss, in equal parts.
    fileprivate func counting(_ items: [Bool]) -> NoisyModality {
        var copy = self
        let each = 1 / Double(max(items.count { $0 }, 1))
        copy.itemWeights = items.map { $0 ? each : 0 }
        return copy
    }
}
