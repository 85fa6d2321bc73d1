import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// Against latents recorded from diffusers' `AutoencoderKLLTX2Audio`.
@Suite("Audio encoder") struct AudioEncoderTests {
    private func encoder(_ version: String, diffusers: Bool = false) throws -> AudioEncoder {
        let reader = WeightReader(
            try weights(version, diffusers: diffusers),
            named: "audio_vae",
            dtype: .float32
        )
        let encoder = AudioEncoder(reader.root, try configuration(version, diffusers: diffusers))
        try reader.finish()
        return encoder
    }

    private func weights(_ version: String, diffusers: Bool) throws -> FileWeights {
        guard diffusers else {
            return FileWeights(try Fixture.files("ltx\(version)_single"), prefix: "audio_vae.")
        }
        let files = try Fixture.files("ltx\(version)_diffusers/audio_vae")
        return FileWeights(files, rename: DiffusersNames.audioVAE)
    }

    private func configuration(
        _ version: String,
        diffusers: Bool = false
    ) throws -> AudioVAEConfiguration {
        if diffusers {
            let path = "ltx\(version)_diffusers/audio_vae/config.json"
            return try AudioVAEConfiguration(diffusers: Fixture.configuration(path))
        }
        let files = try Fixture.files("ltx\(version)_single")
        return try AudioVAEConfiguration(original: Fixture.metadata(files, "audio_vae"))
    }

    @Test(
        "mean and packed latent agree with the reference at every remainder of the length",
        arguments: ["20", "23"],
        [33, 34, 36]
    )
    func latents(version: String, length: Int) throws {
        let recording = try Recording("ltx\(version)_audio_vae_io")
        try running {
            let mel = try recording.tensor("in.mel\(length)")
            for diffusers in [false, true] {
                let encoder = try encoder(version, diffusers: diffusers)
                try recording.expect(encoder.mean(of: mel), agreesWith: "enc.mean\(length)")
                try recording.expect(
                    encoder.encode(mel: mel),
                    agreesWith: "enc.packed_norm\(length)"
                )
            }
        }
    }

    @Test("both layouts describe the same encoder")
    func configurations() throws {
        for version in ["20", "23"] {
            #expect(try configuration(version) == configuration(version, diffusers: true))
        }
    }

    @Test("a waveform goes through the spectrogram, and one channel is doubled")
    func waveform() throws {
        let recording = try Recording("mel_io")
        try running {
            let encoder = try encoder("23")
            let sound = try recording.tensor("in.speech")
            let left = sound.narrow(0, from: 0, count: 1)
            let both = try encoder.encode(waveform: Tensor.concatenate([left, left], axis: 0))
            // 12000 samples: 76 spectra, 19 latents of 2 channels times 4 bands.
            #expect(both.shape == [1, 19, 8])
            #expect(try encoder.encode(waveform: left).relativeDifference(from: both) == 0)
            let other = try encoder.encode(waveform: sound)
            #expect(other.relativeDifference(from: both) > 1e-3)
        }
    }

    @Test("the number of latents follows the pictures, 25 for each second")
    func counts() {
        let configuration = AudioVAEConfiguration()
        #expect(configuration.latentRate == 25)
        #expect(configuration.latentWidth == 128)
        #expect(configuration.latentCount(frames: 97, fps: 24) == 101)
        #expect(configuration.latentCount(frames: 121, fps: 24) == 126)
        #expect(configuration.latentCount(frames: 121, fps: 30000.0 / 1001) == 101)
        #expect(configuration.latentCount(frames: 1, fps: 50) == 0)
        #expect(configuration.latentCount(frames: 3, fps: 50) == 2)
    }

    @Test("latents are cut or filled with zeros to a number")
    func fitted() throws {
        try running {
            let latent = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [1, 3, 2])
            #expect(AudioEncoder.fitted(latent, to: 2).floats() == [1, 2, 3, 4])
            #expect(AudioEncoder.fitted(latent, to: 3).floats() == [1, 2, 3, 4, 5, 6])
            let filled = AudioEncoder.fitted(latent, to: 4)
            #expect(filled.shape == [1, 4, 2])
            #expect(filled.floats() == [1, 2, 3, 4, 5, 6, 0, 0])
        }
    }

    @Test("sounds that do not fit are refused")
    func refused() throws {
        try running {
            let encoder = try encoder("20")
            #expect(
                throws: ModelInputError(
                    "audio encoder: got [6, 16000], should be [2 channels or 1, samples]; mix the sound down to stereo"
                )
            ) {
                try encoder.encode(waveform: Tensor.zeros([6, 16000]))
            }
            #expect(
                throws: ModelInputError(
                    "mel spectrogram: got [2, 512], should be [channels, at least 513 samples]; use a longer clip"
                )
            ) {
                try encoder.encode(waveform: Tensor.zeros([2, 512]))
            }
            #expect(
                throws: ModelInputError(
                    "audio encoder: got [1, 2, 33, 64], should be [B, 2, spectra, 16]; use the spectrogram of this checkpoint"
                )
            ) {
                try encoder.encode(mel: Tensor.zeros([1, 2, 33, 64]))
            }
        }
    }

    @Test("missing weights are named in full; the decoder's are left alone")
    func faults() throws {
        let name = "encoder.down.1.block.0.nin_shortcut.conv.weight"
        let broken = try ChangedWeights(weights("20", diffusers: false), dropping: [name])
        let reader = WeightReader(broken, named: "audio_vae", dtype: nil)
        let configuration = try configuration("20")
        let error = #expect(throws: CheckpointError.self) {
            try running {
                _ = AudioEncoder(reader.root, configuration)
                try reader.finish()
            }
        }
        #expect(error?.missing == [name])
        #expect(error?.unexpected == [])
    }

    @Test("an encoder of another kind is refused")
    func otherKind() throws {
        let config = try Fixture.configuration("ltx20_diffusers/audio_vae/config.json")
        var values = config.values
        values["norm_type"] = "group"
        #expect(
            throws: ConfigurationError(
                "audio_vae.norm_type: is group, only pixel is implemented; use an original LTX-2 checkpoint"
            )
        ) {
            try AudioVAEConfiguration(diffusers: ConfigObject(values, path: "audio_vae"))
        }
        values = config.values
        values["attn_resolutions"] = [16]
        #expect(
            throws: ConfigurationError(
                "audio_vae.attn_resolutions: is [16], should be empty; use an original LTX-2 checkpoint"
            )
        ) {
            try AudioVAEConfiguration(diffusers: ConfigObject(values, path: "audio_vae"))
        }
    }
}
