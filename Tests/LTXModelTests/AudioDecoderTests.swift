import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// Against spectrograms recorded from diffusers' `AutoencoderKLLTX2Audio`.
@Suite("Audio decoder") struct AudioDecoderTests {
    private func checkpoint(_ version: String, diffusers: Bool = false) throws -> Checkpoint {
        let name = diffusers ? "ltx\(version)_diffusers" : "ltx\(version)_single.safetensors"
        return try Checkpoint(path: "\(Fixture.folder)/" + (name))
    }

    @Test("spectrograms agree with the reference, from both layouts", arguments: ["20", "23"])
    func spectrogram(version: String) throws {
        let recording = try Recording("ltx\(version)_audio_vae_io")
        try running {
            let latent = try recording.tensor("dec.latent")
            for diffusers in [false, true] {
                let decoder = try checkpoint(version, diffusers: diffusers)
                    .audioDecoder(device: .cpu)
                try recording.expect(decoder.mel(of: latent), agreesWith: "dec.mel")
            }
        }
    }

    @Test("normalised, packed latents of the encoder are what it takes")
    func packed() throws {
        let recording = try Recording("ltx23_audio_vae_io")
        try running {
            let checkpoint = try checkpoint("23")
            #expect(checkpoint.hasAudioDecoder)
            let mel = try recording.tensor("in.mel33")
            let encoder = try checkpoint.audioEncoder(device: .cpu)
            let decoder = try checkpoint.audioDecoder(device: .cpu)
            let decoded = try decoder.decode(encoder.encode(mel: mel))
            #expect(decoded.shape == [1, 2, 33, 16])
            let direct = try decoder.mel(of: encoder.mean(of: mel))
            #expect(decoded.relativeDifference(from: direct) < 1e-5)
        }
    }

    @Test("sound that was sampled becomes the spectrogram that the reference decodes")
    func sampled() throws {
        let recording = try Recording("ltx23_sampling_io")
        try running {
            for diffusers in [false, true] {
                let decoder = try checkpoint("23", diffusers: diffusers).audioDecoder(device: .cpu)
                let latent = try recording.tensor("led.step4.audio")
                try recording.expect(decoder.decode(latent), agreesWith: "led.mel")
            }
        }
    }

    @Test("a checkpoint without the decoder says so, and every weight it lacks")
    func missing() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
        try FileManager.default.copyItem(
            atPath: "\(Fixture.folder)/ltx23_diffusers",
            toPath: folder
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let part = folder + "/audio_vae/diffusion_pytorch_model.safetensors"
        let files = try WeightFiles(path: part)
        let kept = try files.names.filter { !$0.hasPrefix("decoder.") }.map { name in
            (name: name, tensor: try Tensor(reading: name, from: #require(files.file(for: name))))
        }
        try TensorFile(kept, metadata: files.metadata).write(to: part)

        let checkpoint = try Checkpoint(path: folder)
        #expect(!checkpoint.hasAudioDecoder)
        _ = try checkpoint.audioEncoder(device: .cpu)
        let error = #expect(throws: CheckpointError.self) {
            try checkpoint.audioDecoder(device: .cpu)
        }
        #expect(error?.source == "\(folder) (audio_vae)")
        #expect(error?.missing.contains("decoder.conv_in.conv.weight") == true)
        #expect(error?.missing.allSatisfy { $0.hasPrefix("decoder.") } == true)
        #expect(error?.unexpected == [])
    }

    @Test("latents of another width are refused")
    func width() throws {
        try running {
            let decoder = try checkpoint("23").audioDecoder(device: .cpu)
            let error = #expect(throws: ModelInputError.self) {
                try decoder.decode(.zeros([1, 5, 128]))
            }
            #expect(
                error?.description
                    == "audio decoder: got [1, 5, 128], should be [B, latents, 8]; use "
                    + "latents of this checkpoint"
            )
        }
    }
}
