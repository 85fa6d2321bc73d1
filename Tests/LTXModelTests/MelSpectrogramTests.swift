import Testing
import Torch

@testable import LTXModel

/// Against a bank and spectrograms that torch computed.
@Suite("Mel spectrogram") struct MelSpectrogramTests {
    @Test("the bank agrees with the reference")
    func bank() throws {
        let recording = try Recording("mel_io")
        try running {
            let values = MelSpectrogram.bank(MelConfiguration()).joined().map(Float.init)
            try recording.expect(Tensor(values, shape: [64, 513]), agreesWith: "mel_basis")
        }
    }

    @Test(
        "spectrograms agree with the reference",
        arguments: [
            ("in.waveform16k", "out.log_mel"), ("in.speech", "out.speech.log_mel"),
            ("in.odd", "out.odd.log_mel"), ("in.short", "out.short.log_mel"),
            ("in.click", "out.click.log_mel"),
        ]
    )
    func spectrogram(input: String, output: String) throws {
        let recording = try Recording("mel_io")
        try running {
            let mel = try MelSpectrogram()(recording.tensor(input))
            try recording.expect(mel.select(0, 0), agreesWith: output)
        }
    }
}
