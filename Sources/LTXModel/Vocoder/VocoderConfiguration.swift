/// Sizes of one generator: spectra to a waveform.
public struct GeneratorConfiguration: Equatable, Sendable {
    /// What stands between the convolutions of a residual block.
    public enum Activation: Equatable, Sendable {
        /// Leaky ReLU.
        case leaky
        /// SnakeBeta at twice the rate, so that no new frequency folds back.
        case snake
    }

    /// What becomes of the waveform at the end.
    public enum Ending: Equatable, Sendable { case tanh, clamp, none }

    /// Channels of a spectrum: bands of all sound channels.
    public var inputChannels: Int
    /// Channels of the sound.
    public var soundChannels = 2
    /// Channels behind the first convolution; each stage halves them.
    public var channels: Int
    /// Samples that each stage makes of one.
    public var rates: [Int]
    /// Widths of the stages' transposed convolutions.
    public var kernels: [Int]
    /// Widths of the convolutions in the residual blocks of a stage.
    public var blockKernels = [3, 7, 11]
    /// Dilations in each of those blocks.
    public var dilations = [[1, 3, 5], [1, 3, 5], [1, 3, 5]]
    /// What stands between convolutions.
    public var activation: Activation
    /// What stands at the end.
    public var ending: Ending
    /// Whether the last convolution has a bias.
    public var hasFinalBias: Bool

    /// Samples for each spectrum.
    public var samplesPerSpectrum: Int { rates.reduce(1, *) }
}

/// How the second stage of LTX-2.3's vocoder makes 48 kHz of 16 kHz.
public struct BandwidthConfiguration: Equatable, Sendable {
    /// Adds what the first stage lacks.
    public var generator: GeneratorConfiguration
    /// Samples per second of the first stage.
    public var inputRate: Int
    /// Samples of one of its spectra.
    public var window: Int
    /// Samples from one to the next.
    public var hop: Int
    /// Bands of its spectrograms.
    public var bands: Int
}

/// Sizes of a vocoder.
public struct VocoderConfiguration: Equatable, Sendable {
    /// Spectra to a waveform.
    public var generator: GeneratorConfiguration
    /// The second stage; nil in LTX-2.0.
    public var bandwidth: BandwidthConfiguration?
    /// Samples per second that come out.
    public var sampleRate: Int

    /// Samples of the result for each spectrum.
    public var samplesPerSpectrum: Int {
        guard let second = bandwidth else { return generator.samplesPerSpectrum }
        return generator.samplesPerSpectrum / second.hop * second.generator.samplesPerSpectrum
    }
}

extension GeneratorConfiguration {
    /// Refuses what does not add up.
    func check(_ path: String) throws {
        guard kernels.count == rates.count, dilations.count == blockKernels.count,
            !rates.isEmpty, !blockKernels.isEmpty
        else {
            throw ConfigurationError(
                "\(path): has \(rates.count) upsampling rates, \(kernels.count) kernels, "
                    + "\(blockKernels.count) block kernels and \(dilations.count) lists of dilations, "
                    + "should have as many kernels as rates and lists as block kernels; "
                    + "the file's metadata is damaged"
            )
        }
        for (rate, kernel) in zip(rates, kernels) where rate < 1 || kernel < rate {
            throw wrongKernel(path, rate, kernel)
        }
        for (rate, kernel) in zip(rates, kernels) where !(kernel - rate).isMultiple(of: 2) {
            throw wrongKernel(path, rate, kernel)
        }
    }

    private func wrongKernel(_ path: String, _ rate: Int, _ kernel: Int) -> ConfigurationError {
        ConfigurationError(
            "\(path): a kernel of \(kernel) makes \(rate) samples of one, should be larger by an even "
                + "number; use an original LTX-2 checkpoint"
        )
    }
}

extension BandwidthConfiguration {
    /// Refuses rates that would put the two stages out of step.
    func check(_ path: String, first: GeneratorConfiguration, outputRate: Int) throws {
        let ratio = outputRate / max(1, inputRate)
        let fits =
            ratio > 1 && hop > 0 && window >= hop && outputRate.isMultiple(of: inputRate)
            && generator.samplesPerSpectrum == hop * ratio
            && first.samplesPerSpectrum.isMultiple(of: hop)
        guard fits else {
            throw ConfigurationError(
                "\(path): makes \(generator.samplesPerSpectrum) samples of a hop of \(hop), from "
                    + "\(inputRate) Hz to \(outputRate) Hz, should make as many times more as the rates "
                    + "say, of hops that divide \(first.samplesPerSpectrum); the file's metadata is damaged"
            )
        }
    }
}
