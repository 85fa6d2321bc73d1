/// How a waveform becomes a spectrogram; the defaults are those of all LTX-2 models.
public struct MelConfiguration: Equatable, Sendable {
    /// Samples per second of the waveform.
    public var sampleRate = 16000
    /// Samples of one spectrum.
    public var window = 1024
    /// Samples from one spectrum to the next.
    public var hop = 160
    /// Bands of the spectrogram.
    public var bands = 64
    /// Lowest frequency of the first band, in hertz.
    public var lowest = 0.0
    /// Highest frequency of the last band, in hertz.
    public var highest = 8000.0

    /// The configuration of all LTX-2 models.
    public init() {}
}

extension MelConfiguration {
    /// Reads `config.audio_vae` of a single-file checkpoint.
    public init(original config: ConfigObject) throws {
        let preprocessing = try config.object("preprocessing")
        let spectrum = try preprocessing.object("stft")
        let mel = try preprocessing.object("mel")
        sampleRate = try config.object("model").object("params").int("sampling_rate")
        window = try spectrum.int("filter_length", default: window)
        try spectrum.require("win_length", is: window)
        hop = try spectrum.int("hop_length", default: hop)
        bands = try mel.int("n_mel_channels", default: bands)
        lowest = try mel.double("mel_fmin", default: lowest)
        highest = try mel.double("mel_fmax", default: Double(sampleRate) / 2)
    }

    /// Reads `audio_vae/config.json` of a diffusers folder, which leaves the window out.
    public init(diffusers config: ConfigObject) throws {
        sampleRate = try config.int("sample_rate", default: sampleRate)
        hop = try config.int("mel_hop_length", default: hop)
        bands = try config.int("mel_bins", default: bands)
        highest = Double(sampleRate) / 2
    }
}
