import LTXModel
import Torch

// Axes: B batch, C channels, T pictures or mel frames, M mel bands, N samples.

extension Comparison {
    /// Latents of the video VAE's encoder.
    func compareVideoVAE(_ checkpoint: Checkpoint) throws {
        if recording.has("in.video") {
            let encoder = try checkpoint.videoEncoder(device: device)
            try withTorchErrors {
                try withoutGradients {
                    let video = try input("in.video", axes: 5)  // [B, 3, T, H, W]
                    try compareIfRecorded("enc.mean") { try encoder.mean(of: video) }
                    try compareIfRecorded("norm.enc_mean") { try encoder.encode(video) }
                    try compareIfRecorded("enc.mean_first_frame") {
                        try encoder.mean(of: video.narrow(2, from: 0, count: 1))
                    }
                }
            }
        }
        try compareVideoDecoder(checkpoint)
        skipRest { _ in "not used: training takes the mean" }
    }

    /// Latents of the audio VAE's encoder; inputs are `in.mel<length>`.
    func compareAudioVAE(_ checkpoint: Checkpoint) throws {
        let lengths = recording.outputs.compactMap { name in
            name.hasPrefix("enc.mean") ? name.dropFirst("enc.mean".count) : nil
        }
        let encoder = lengths.isEmpty ? nil : try checkpoint.audioEncoder(device: device)
        for length in lengths {
            try withTorchErrors {
                try withoutGradients {
                    guard let encoder else { return }
                    let mel = try input("in.mel\(length)", axes: 4)  // [B, C, T, M]
                    try compareIfRecorded("enc.mean\(length)") { try encoder.mean(of: mel) }
                    try compareIfRecorded("enc.packed_norm\(length)") {
                        try encoder.encode(mel: mel)
                    }
                }
            }
        }
        try compareAudioDecoder(checkpoint)
        skipRest { _ in "not used: training takes the mean" }
    }

    /// `dec.latent`, as the decoder takes it, gives `dec.mel`.
    private func compareAudioDecoder(_ checkpoint: Checkpoint) throws {
        guard recording.has("dec.mel") else { return }
        let decoder = try checkpoint.audioDecoder(device: device)
        try withTorchErrors {
            try withoutGradients {
                let latent = try input("dec.latent", axes: 4)  // [B, C, T, M]
                try compare("dec.mel", decoder.mel(of: latent))
            }
        }
    }

    /// Bands and spectrograms; `in.speech` gives `out.speech.log_mel`.
    func compareMel() throws {
        let configuration = MelConfiguration()
        try withTorchErrors {
            try withoutGradients {
                let mel = MelSpectrogram(configuration, device: device)
                try compareIfRecorded("mel_basis") {
                    let bank = MelSpectrogram.bank(configuration)
                    return Tensor(
                        bank.joined().map(Float.init),
                        shape: [configuration.bands, configuration.window / 2 + 1]
                    )
                }
                for output in recording.outputs where output.hasSuffix("log_mel") {
                    let name = output.dropFirst("out.".count).dropLast(".log_mel".count)
                    let source = output == "out.log_mel" ? "in.waveform16k" : "in.\(name)"
                    let sound = try input(source, axes: 2)  // [C, N]
                    try compare(output, mel(sound).select(0, 0))
                }
            }
        }
        skipRest { _ in "unknown here" }
    }

    func compareIfRecorded(_ name: String, _ result: () throws -> Tensor) throws {
        if recording.has(name) { try compare(name, result()) }
    }
}
