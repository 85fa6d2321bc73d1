import Foundation
public import Torch

// Axes: C channels, N samples, Tm spectra, M mel bands, K frequencies.

/// Waveform to the logarithm of its energy in mel bands.
public struct MelSpectrogram {
    /// What is computed.
    public let configuration: MelConfiguration
    private let bank: Tensor  // [M, K], float32

    /// Prepares the bank of bands on a device.
    public init(_ configuration: MelConfiguration = .init(), device: Device = .cpu) {
        self.configuration = configuration
        let values = Self.bank(configuration).joined().map(Float.init)
        bank = Tensor(values, shape: [configuration.bands, configuration.window / 2 + 1])
            .to(on: device)
    }

    /// Computes the spectrogram of a clip.
    ///
    /// - Parameter waveform: `[C, N]` in -1...1 at the configuration's rate, float32.
    /// - Returns: `[1, C, Tm, M]` with Tm = ⌊N / hop⌋ + 1.
    /// - Throws: if there are too few samples to be reflected at the ends.
    public func callAsFunction(_ waveform: Tensor) throws -> Tensor {
        let needed = configuration.window / 2 + 1
        guard waveform.rank == 2, waveform.size(1) >= needed else {
            throw ModelInputError(
                "mel spectrogram: got \(waveform.shape), should be [channels, at least \(needed) "
                    + "samples]; use a longer clip"
            )
        }
        let spectra = waveform.to(.float32, on: bank.device)
            .spectrogram(window: configuration.window, hop: configuration.hop)  // [C, K, Tm]
        let energies = bank.matmul(spectra)  // [C, M, Tm]
        return energies.clamped(1e-5, .infinity).log().transpose(1, 2).unsqueeze(0)
    }

    /// Triangles of equal area on Slaney's mel scale, `[M][K]`.
    ///
    /// - Source: "Auditory Toolbox", Slaney, 1998.
    package static func bank(_ configuration: MelConfiguration) -> [[Double]] {
        let low = mel(ofHertz: configuration.lowest)
        let step = (mel(ofHertz: configuration.highest) - low) / Double(configuration.bands + 1)
        let edges = (0..<configuration.bands + 2).map { hertz(ofMel: low + Double($0) * step) }
        let resolution = Double(configuration.sampleRate) / Double(configuration.window)
        let frequencies = (0...configuration.window / 2).map { Double($0) * resolution }
        return (0..<configuration.bands).map { band in
            let (from, peak, to) = (edges[band], edges[band + 1], edges[band + 2])
            return frequencies.map { frequency in
                let height = min((frequency - from) / (peak - from), (to - frequency) / (to - peak))
                return max(0, height) * 2 / (to - from)
            }
        }
    }

    // Linear up to 1000 Hz (15 mel), logarithmic above.
    private static func mel(ofHertz hertz: Double) -> Double {
        hertz < 1000 ? hertz * 3 / 200 : 15 + 27 * log(hertz / 1000) / log(6.4)
    }

    private static func hertz(ofMel mel: Double) -> Double {
        mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) * log(6.4) / 27)
    }
}
