public import Torch

extension Checkpoint {
    /// Whether the video VAE comes with its decoder.
    public var hasVideoDecoder: Bool {
        (try? weights(.videoVAE))?.names.contains { $0.hasPrefix("decoder.") } ?? false
    }

    /// Whether spectrograms can become sound.
    public var hasVocoder: Bool { has(.vocoder) }

    /// Sizes of the video VAE's decoder.
    public var videoDecoderConfiguration: VideoDecoderConfiguration {
        get throws {
            let config = try part(.videoVAE).config
            return try layout == .singleFile
                ? VideoDecoderConfiguration(original: config)
                : VideoDecoderConfiguration(diffusers: config)
        }
    }

    /// Sizes of the vocoder.
    public var vocoderConfiguration: VocoderConfiguration {
        get throws {
            let config = try part(.vocoder).config
            guard layout == .singleFile else { return try VocoderConfiguration(diffusers: config) }
            // Only the audio VAE says how many bands its spectrograms have.
            return try VocoderConfiguration(original: config, spectrum: audioVAEConfiguration.mel)
        }
    }

    /// Reads the decoder of the video VAE.
    ///
    /// - Throws: `ConfigurationError` if there is none; `CheckpointError` if it does not fit.
    public func videoDecoder(dtype: DType = .float32, device: Device) throws -> VideoDecoder {
        guard hasVideoDecoder else {
            throw absent("video decoder (vae.decoder)", "latents cannot become pictures")
        }
        let config = try videoDecoderConfiguration
        return try read(.videoVAE, dtype: dtype, device: device) { VideoDecoder($0, config) }
    }

    /// Reads the vocoder, in float32.
    ///
    /// - Throws: `ConfigurationError` if there is none; `CheckpointError` if it does not fit.
    public func vocoder(device: Device) throws -> Vocoder {
        guard hasVocoder else {
            throw absent("vocoder", "spectrograms cannot become sound")
        }
        let config = try vocoderConfiguration
        return try read(.vocoder, dtype: .float32, device: device) { Vocoder($0, config) }
    }

    private func absent(_ part: String, _ consequence: String) -> ConfigurationError {
        ConfigurationError(
            "\(path): has no \(part), so \(consequence); use a whole checkpoint, "
                + "or name one that has it in model.extras_name_or_path"
        )
    }
}
