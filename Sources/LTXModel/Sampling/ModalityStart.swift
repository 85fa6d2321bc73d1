public import Torch

// Axes: B batch, T tokens, n given tokens, C latent channels.

/// Where one modality of a sample begins: as noise, as something given, or as noise behind given tokens.
///
/// Given tokens have the noise level 0 and never move. Those of the first latent frames make a moving
/// picture of a still one; sound that is given whole makes a picture that speaks it, a picture that is given
/// whole gets its sound.
public struct ModalityStart {
    /// Noise, and what is given in front of it, `[B, T, C]`, float32.
    let tokens: Tensor
    /// How many tokens are given, from the front.
    let givenCount: Int

    /// Everything is made.
    public init(noise: Tensor) {
        tokens = noise
        givenCount = 0
    }

    /// Nothing is made: clean normalised latents `[B, T, C]`.
    public init(given: Tensor) {
        tokens = given.to(.float32)
        givenCount = given.size(1)
    }

    /// Clean normalised latents `[B, n, C]` take the place of the first n tokens of noise `[B, T, C]`.
    ///
    /// - Throws: `ModelInputError` if they do not fit in front of the noise.
    public init(opening: Tensor, noise: Tensor) throws(ModelInputError) {
        let (wanted, found) = (noise.shape, opening.shape)
        guard wanted.count == 3, found.count == 3, found[0] == wanted[0], found[2] == wanted[2],
            found[1] <= wanted[1]
        else {
            throw ModelInputError(
                "opening: latents \(found) in front of noise \(wanted), should have the same batch and "
                    + "channels and no more tokens; encode the picture at the size of the sample"
            )
        }
        givenCount = found[1]
        tokens = Self.replacingFront(
            of: noise,
            by: opening.to(.float32, on: noise.device),
            givenCount
        )
    }

    /// Whether any token is made.
    var isMade: Bool { givenCount < tokens.size(1) }

    /// `tokens` with their first `count` taken from `other`.
    static func replacingFront(of tokens: Tensor, by other: Tensor, _ count: Int) -> Tensor {
        guard count > 0 else { return tokens }
        let total = tokens.size(1)
        let front = other.narrow(1, from: 0, count: count)
        guard count < total else { return front }
        return .concatenate([front, tokens.narrow(1, from: count, count: total - count)], axis: 1)
    }
}

extension ModalityStart {
    /// Which stream of random numbers a modality's noise comes from.
    public enum Stream: UInt64, Sendable {
        /// The picture's.
        case video = 0x71DE
        /// The sound's.
        case audio = 0x50D4
    }

    /// Standard normal noise `[1, T, C]`, float32.
    ///
    /// Each modality has a stream of its own: the same seed gives the same noise on every device, whether or
    /// not the other modality is made, with and without adapters. A longer sample begins as a shorter one of
    /// the same picture size does.
    public static func noise(
        seed: UInt64,
        _ stream: Stream,
        tokens: Int,
        channels: Int,
        device: Device
    ) throws(TorchError) -> Tensor {
        try RandomGenerator(seed: seed, step: 0, purpose: stream.rawValue)
            .normal([1, tokens, channels]).to(on: device)
    }
}
