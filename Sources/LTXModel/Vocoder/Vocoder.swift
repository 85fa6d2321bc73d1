public import Torch

// Axes: B batch, T spectra, M bands, N samples.

/// Spectrograms to sound.
///
/// - Source: diffusers' `LTX2Vocoder` and `LTX2VocoderWithBWE`. As in ltx-core, and unlike diffusers, the
///   first stage of the latter is limited to -1...1 before the second sees it.
public final class Vocoder {
    /// Sizes of the vocoder.
    public let configuration: VocoderConfiguration
    private let generator: SoundGenerator
    private let bandwidth: BandwidthExtension?
    private let device: Device

    /// Reads all below the scope.
    public init(_ weights: WeightScope, _ configuration: VocoderConfiguration) {
        self.configuration = configuration
        let isSingle = configuration.bandwidth == nil
        generator = SoundGenerator(
            isSingle ? weights : weights / "vocoder",
            configuration.generator
        )
        bandwidth = configuration.bandwidth.map {
            BandwidthExtension(weights, $0, outputRate: configuration.sampleRate)
        }
        device = generator.device
    }

    /// Samples per second of the sound that comes out.
    public var sampleRate: Int { configuration.sampleRate }

    /// Makes sound of log-mel spectrograms.
    ///
    /// A long one goes through in pieces that overlap by what a sample depends on: the result is that of
    /// the whole, and the memory that of one piece.
    ///
    /// - Parameters:
    ///   - mel: `[B, 2, T, M]`, as the decoder of the audio VAE gives it.
    ///   - spectraAtOnce: length of a piece; there are 100 spectra in a second.
    /// - Returns: `[B, 2, N]` in -1...1 at `sampleRate`, float32; N is T times the samples of a spectrum.
    /// - Throws: `ModelInputError` if the spectrograms do not fit; `TorchError`.
    public func waveform(of mel: Tensor, spectraAtOnce: Int = 1000) throws -> Tensor {
        try check(mel)
        let samples = configuration.samplesPerSpectrum
        let (count, step, reach) = (mel.size(2), max(1, spectraAtOnce), configuration.reach)
        let pieces = try stride(from: 0, to: count, by: step).map { start in
            let end = min(count, start + step)
            let (from, to) = (max(0, start - reach), min(count, end + reach))
            return try withTorchErrors {
                withoutGradients {
                    whole(mel.narrow(2, from: from, count: to - from))
                        .narrow(2, from: (start - from) * samples, count: (end - start) * samples)
                        .clone()
                }
            }
        }
        return try withTorchErrors { Tensor.concatenate(pieces, axis: 2) }
    }

    /// What lies between the two stages: the first one's sound, its spectrogram `[B, 2, M, T]`, and the
    /// sound resampled; nil where there is one stage.
    package func intermediates(
        of mel: Tensor
    ) throws -> (sound: Tensor, logMel: Tensor, resampled: Tensor)? {
        try check(mel)
        guard let bandwidth else { return nil }
        let sound = first(mel)
        return (sound, bandwidth.logMel(of: sound), bandwidth.resampled(sound))
    }

    private func whole(_ mel: Tensor) -> Tensor {
        let sound = first(mel)
        return bandwidth?(sound) ?? sound
    }

    private func first(_ mel: Tensor) -> Tensor {
        generator(mel.to(.float32, on: device).transpose(2, 3))
    }

    private func check(_ mel: Tensor) throws {
        let channels = configuration.generator.soundChannels
        let bands = configuration.generator.inputChannels / channels
        let shape = mel.shape
        guard shape.count == 4, shape[0] > 0, shape[1] == channels, shape[2] > 0, shape[3] == bands
        else {
            throw ModelInputError(
                "vocoder: got \(shape), should be [B, \(channels), spectra, \(bands)]; "
                    + "use spectrograms of this checkpoint's audio decoder"
            )
        }
    }
}

extension VocoderConfiguration {
    /// Spectra on each side that a sample depends on, or a few more.
    var reach: Int {
        guard let bandwidth else { return generator.reach }
        return generator.reach + bandwidth.reach / generator.samplesPerSpectrum + 1
    }
}
