import LTXModel
import Torch

// Axes: B batch, C channels, F latent frames, T pictures, H rows, W columns, M mel bands.

extension Comparison {
    /// `dec.latent`, as the layers take it, gives `dec.video`; its first frame gives `dec.video_1f`.
    func compareVideoDecoder(_ checkpoint: Checkpoint) throws {
        guard recording.has("dec.latent") else { return }
        let decoder = try checkpoint.videoDecoder(device: device)
        let latent = try input("dec.latent", axes: 5)  // [B, C, F, h, w]
        try checkTimestep(decoder)
        try compareIfRecorded("dec.video") { try pictures(decoder, latent) }
        try compareIfRecorded("dec.video_1f") {
            let first = try withTorchErrors { latent.narrow(2, from: 0, count: 1) }
            return try pictures(decoder, first)
        }
    }

    /// Decodes in the smallest pieces, so that what is verified is what long videos go through.
    private func pictures(_ decoder: VideoDecoder, _ latent: Tensor) throws -> Tensor {
        var pieces: [Tensor] = []
        let tiling = VideoTiling(pixelsAtOnce: 1, side: .max)
        try decoder.pictures(of: latent, tiling: tiling) { pieces.append($0) }
        return try withTorchErrors { .concatenate(pieces, axis: 2) }
    }

    private func checkTimestep(_ decoder: VideoDecoder) throws {
        guard recording.has("dec.timestep") else { return }
        let recorded = try withTorchErrors { try input("dec.timestep", axes: 1).item() }
        let own = decoder.configuration.timestep
        guard abs(recorded - own) < 1e-6 else {
            throw VerificationError(
                "\(recording.path): dec.timestep is \(recorded), should be \(own), which decoding uses; "
                    + "record it again"
            )
        }
    }

    /// `in.mel` gives `out.waveform`; what lies between the stages is there since LTX-2.3.
    func compareVocoder(_ checkpoint: Checkpoint) throws {
        let vocoder = try checkpoint.vocoder(device: device)
        let mel = try input("in.mel", axes: 4)  // [B, C, T, M]
        try compare("out.waveform", vocoder.waveform(of: mel))
        try withTorchErrors {
            try withoutGradients {
                guard let inner = try vocoder.intermediates(of: mel) else { return }
                try compareIfRecorded("mid.low_rate_waveform") { inner.sound }
                try compareIfRecorded("mid.bwe_log_mel") { inner.logMel }
                try compareIfRecorded("mid.resampled") { inner.resampled }
            }
        }
        skipRest { _ in "unknown here" }
    }
}
