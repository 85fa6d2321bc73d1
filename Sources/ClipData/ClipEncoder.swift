public import ClipCache
public import Media

// C channels, F latent frames, h and w latent sides, T audio latents.

/// Turns pictures and sound into latents; lives on one thread, as tensors do.
public protocol ClipEncoder {
    /// What tells these weights (and this way of encoding) from all others.
    var fingerprint: String { get }
    /// Samples per second that the sound is read at.
    var soundRate: Int { get }
    /// The checkpoint that the weights came from, for people.
    var origin: String { get }
    /// Encodes 8k + 1 pictures, or one, to normalised latents `[C, F, h, w]`.
    func encode(frames: FrameBuffer) throws -> FloatBuffer
    /// Encodes stereo sound to exactly `latentCount` normalised latents, `[T, C]`.
    func encode(sound: Waveform, latentCount: Int) throws -> FloatBuffer
}

extension ClipEncoder {
    /// The rate that all versions of LTX-2 so far hear at.
    public var soundRate: Int { 16_000 }

    /// Nobody can be told where unknown weights came from.
    public var origin: String { "" }
}
