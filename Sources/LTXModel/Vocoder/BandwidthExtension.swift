import Foundation
import Torch

// Axes: B batch, C sound channels, N samples, T spectra, M bands, K frequencies.

/// Adds the upper frequencies to a waveform: a second generator corrects a resampled one.
final class BandwidthExtension {
    private let configuration: BandwidthConfiguration
    private let generator: SoundGenerator
    private let basis: Tensor  // [2 K, 1, window]: cosines, then sines
    private let bank: Tensor  // [M, K]
    private let filter: Tensor  // [1, 1, taps]
    private let ratio: Int

    /// Reads `bwe_generator` and `mel_stft`.
    init(_ weights: WeightScope, _ configuration: BandwidthConfiguration, outputRate: Int) {
        self.configuration = configuration
        ratio = outputRate / configuration.inputRate
        generator = SoundGenerator(weights / "bwe_generator", configuration.generator)
        let frequencies = configuration.window / 2 + 1
        let spectrum = weights / "mel_stft"
        basis = spectrum.tensor(
            "stft_fn.forward_basis",
            [2 * frequencies, 1, configuration.window]
        )
        bank = spectrum.tensor("mel_basis", [configuration.bands, frequencies])
        spectrum.ignore("stft_fn.inverse_basis")
        let taps = Self.taps(ratio: ratio)
        filter = Tensor(taps, shape: [1, 1, taps.count]).to(on: bank.device)
    }

    /// Waveforms `[B, C, N]` at the input rate, N a multiple of the hop, to `[B, C, ratio · N]`.
    func callAsFunction(_ sound: Tensor) -> Tensor {
        (generator(logMel(of: sound)) + resampled(sound)).clamped(-1, 1)
    }

    /// Spectrograms that look back only, `[B, C, M, T]`.
    func logMel(of sound: Tensor) -> Tensor {
        let (batch, channels, count) = (sound.size(0), sound.size(1), sound.size(2))
        let spectra = sound.reshape(batch * channels, 1, count)
            .padded([configuration.window - configuration.hop, 0])
            .convolution(basis, stride: [configuration.hop])  // [B C, 2 K, T]
        let halves = spectra.chunks(1, 2)
        let magnitudes = (halves[0] * halves[0] + halves[1] * halves[1]).squareRoot()
        return bank.matmul(magnitudes).clamped(1e-5, .infinity).log()
            .reshape(batch, channels, configuration.bands, count / configuration.hop)
    }

    /// The same sound at the output rate.
    func resampled(_ sound: Tensor) -> Tensor {
        let (batch, channels, count) = (sound.size(0), sound.size(1), sound.size(2))
        let width = Self.width
        let long =
            sound.reshape(batch * channels, 1, count).padded([width, width], .replicate)
            .convolution(filter, stride: [ratio], transposed: true) * Double(ratio)
        return long.narrow(2, from: 2 * width * ratio, count: ratio * count)
            .reshape(batch, channels, ratio * count)
    }

    private static let rolloff = 0.99
    private static let zeroCrossings = 6.0
    private static var width: Int { Int((zeroCrossings / rolloff).rounded(.up)) }

    /// A sinc under a Hann window.
    private static func taps(ratio: Int) -> [Float] {
        (0...2 * width * ratio).map { index in
            let time = (Double(index) / Double(ratio) - Double(width)) * rolloff
            let inside = min(zeroCrossings, max(-zeroCrossings, time))
            let window = pow(cos(inside * .pi / zeroCrossings / 2), 2)
            let sinc = time == 0 ? 1 : sin(.pi * time) / (.pi * time)
            return Float(sinc * window * rolloff / Double(ratio))
        }
    }
}

extension BandwidthConfiguration {
    /// Samples of the input on each side that a sample of the result depends on, or a few more.
    var reach: Int { generator.reach * hop + window }
}
