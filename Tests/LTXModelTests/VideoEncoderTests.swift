import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// Against latents recorded from diffusers' `AutoencoderKLLTX2Video`.
@Suite("Video encoder") struct VideoEncoderTests {
    private func encoder(_ version: String, diffusers: Bool = false) throws -> VideoEncoder {
        let configuration = try configuration(version, diffusers: diffusers)
        return try encoder(weights(version, diffusers: diffusers), configuration)
    }

    private func encoder(
        _ source: any WeightSource,
        _ configuration: VideoVAEConfiguration
    ) throws -> VideoEncoder {
        let reader = WeightReader(source, named: "vae", dtype: .float32)
        let encoder = VideoEncoder(reader.root, configuration)
        try reader.finish()
        return encoder
    }

    private func weights(_ version: String, diffusers: Bool = false) throws -> FileWeights {
        guard diffusers else {
            return FileWeights(try Fixture.files("ltx\(version)_single"), prefix: "vae.")
        }
        let files = try Fixture.files("ltx\(version)_diffusers/vae")
        return FileWeights(files, rename: DiffusersNames.videoVAE)
    }

    private func configuration(
        _ version: String,
        diffusers: Bool = false
    ) throws -> VideoVAEConfiguration {
        if diffusers {
            let path = "ltx\(version)_diffusers/vae/config.json"
            return try VideoVAEConfiguration(diffusers: Fixture.configuration(path))
        }
        let files = try Fixture.files("ltx\(version)_single")
        return try VideoVAEConfiguration(original: Fixture.metadata(files, "vae"))
    }

    @Test(
        "mean and normalised latent agree with the reference in both layouts",
        arguments: ["20", "23"],
        [false, true]
    )
    func latents(version: String, diffusers: Bool) throws {
        let recording = try Recording("ltx\(version)_vae_io")
        try running {
            let encoder = try encoder(version, diffusers: diffusers)
            let video = try recording.tensor("in.video")
            try recording.expect(encoder.mean(of: video), agreesWith: "enc.mean")
            try recording.expect(encoder.encode(video), agreesWith: "norm.enc_mean")
        }
    }

    @Test("a single picture gives the first latent of its video", arguments: ["20", "23"])
    func picture(version: String) throws {
        let recording = try Recording("ltx\(version)_vae_io")
        try running {
            let encoder = try encoder(version)
            let video = try recording.tensor("in.video")
            let picture = video.narrow(2, from: 0, count: 1)
            try recording.expect(encoder.mean(of: picture), agreesWith: "enc.mean_first_frame")
            let first = try encoder.encode(video).narrow(2, from: 0, count: 1)
            #expect(try encoder.encode(picture).relativeDifference(from: first) <= 1e-6)
        }
    }

    @Test("a video in pieces gives the latents of the whole", arguments: ["20", "23"])
    func pieces(version: String) throws {
        let recording = try Recording("ltx\(version)_vae_io")
        try running {
            let encoder = try encoder(version)
            let clip = try recording.tensor("in.video")
            let video = Tensor.concatenate(
                [clip, clip.narrow(2, from: 1, count: 8) * 0.5, clip.narrow(2, from: 1, count: 8)],
                axis: 2
            )
            #expect(video.size(2) == 25)
            let whole = try encoder.encode(video)
            let pieces = try encoder.encode(video, pixelsAtOnce: 1)
            #expect(whole.size(2) == 4)
            #expect(pieces.relativeDifference(from: whole) <= 1e-6)
        }
    }

    @Test("the encoder of the timestep-conditioned checkpoint is read past its decoder")
    func conditionedDecoder() throws {
        let files = try Fixture.files("ltx20_vae_tcond_single")
        let configuration = try VideoVAEConfiguration(original: Fixture.metadata(files, "vae"))
        try running {
            let encoder = try encoder(FileWeights(files, prefix: "vae."), configuration)
            let latent = try encoder.encode(Tensor.zeros([1, 3, 1, 32, 32]))
            #expect(latent.shape == [1, 4, 1, 1, 1])
        }
    }

    @Test("reflecting the border changes the border")
    func reflected() throws {
        let recording = try Recording("ltx20_vae_io")
        try running {
            var configuration = try configuration("20")
            let video = try recording.tensor("in.video").narrow(2, from: 0, count: 1)
            let zeros = try encoder(weights("20"), configuration).encode(video)
            configuration.encoderPadding = .reflect
            let larger = Tensor.concatenate([video, video], axis: 3)
            let reflected = try encoder(weights("20"), configuration)
            // Two rows are needed at the coarsest level for anything to be reflected.
            #expect(throws: TorchError.self) { try withTorchErrors { try reflected.encode(video) } }
            let latent = try reflected.encode(larger)
            #expect(latent.shape == [1, 4, 1, 2, 2])
            #expect(latent.narrow(3, from: 0, count: 1).relativeDifference(from: zeros) > 1e-3)
        }
    }

    @Test("factors are read from the blocks")
    func factors() throws {
        for version in ["20", "23"] {
            let configuration = try configuration(version)
            #expect(configuration.timeFactor == 8)
            #expect(configuration.spaceFactor == 32)
            #expect(try configuration == self.configuration(version, diffusers: true))
        }
    }

    @Test("missing and unexpected weights are named in full; the decoder's are left alone")
    func faults() throws {
        let broken = try ChangedWeights(
            weights("23"),
            dropping: ["encoder.conv_in.conv.bias"],
            replacing: ["encoder.down_blocks.9.conv.conv.bias": Tensor.zeros([1])]
        )
        let configuration = try configuration("23")
        let error = #expect(throws: CheckpointError.self) {
            try running { try encoder(broken, configuration) }
        }
        #expect(error?.missing == ["encoder.conv_in.conv.bias"])
        #expect(error?.unexpected == ["encoder.down_blocks.9.conv.conv.bias"])
    }

    @Test(
        "sizes that do not fit are refused",
        arguments: [[1, 3, 8, 32, 32], [1, 3, 1, 32, 48], [1, 4, 1, 32, 32], [3, 9, 32, 32]]
    )
    func sizes(shape: [Int]) throws {
        try running {
            let encoder = try encoder("20")
            #expect(
                throws: ModelInputError(
                    "video encoder: got \(shape), should be [B, 3, 8k + 1, sides that 32 divides]; crop the clip to its bucket"
                )
            ) {
                try encoder.encode(Tensor.zeros(shape))
            }
        }
    }

    @Test("unknown blocks and unknown kinds are refused")
    func unknown() {
        func read(_ blocks: String, _ name: String = "CausalVideoAutoencoder") throws {
            let json = #"{"_class_name": "\#(name)", "encoder_blocks": \#(blocks)}"#
            _ = try VideoVAEConfiguration(
                original: ConfigObject(json: Data(json.utf8), path: "vae")
            )
        }
        #expect(
            throws: ConfigurationError(
                "vae.encoder_blocks[0]: is attn_res_x, should be res_x or compress_{space,time,all}_res; use an original LTX-2 checkpoint"
            )
        ) {
            try read(#"[["attn_res_x", {"num_layers": 1}]]"#)
        }
        #expect(
            throws: ConfigurationError(
                "vae._class_name: is CausalDiffusionVAE, only CausalVideoAutoencoder is implemented; use an original LTX-2 checkpoint"
            )
        ) {
            try read("[]", "CausalDiffusionVAE")
        }
        #expect(throws: ConfigurationError.self) { try read("[]") }
        #expect(throws: ConfigurationError.self) { try read(#"["res_x"]"#) }
    }
}
