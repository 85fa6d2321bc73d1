import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// Checkpoints and configurations that decoder and vocoder cannot use.
@Suite("Faults of decoders and vocoders") struct DecoderFaultTests {
    private func object(_ json: String) throws -> ConfigObject {
        try ConfigObject(json: Data(json.utf8), path: "config")
    }

    private func expect(
        _ message: String,
        at location: SourceLocation = #_sourceLocation,
        _ body: () throws -> Void
    ) {
        let error = #expect(throws: ConfigurationError.self, sourceLocation: location) {
            try body()
        }
        #expect(error?.description == message, sourceLocation: location)
    }

    /// The diffusers folder of LTX-2.3 with some weights of a part left out, or the whole part.
    private func folder(_ part: String, keeping: ((String) -> Bool)?) throws -> String {
        let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
        try FileManager.default.copyItem(
            atPath: "\(Fixture.folder)/ltx23_diffusers",
            toPath: folder
        )
        guard let keeping else {
            try FileManager.default.removeItem(atPath: "\(folder)/\(part)")
            return folder
        }
        let path = "\(folder)/\(part)/diffusion_pytorch_model.safetensors"
        let files = try WeightFiles(path: path)
        let kept = try files.names.filter(keeping).map { name in
            (name: name, tensor: try Tensor(reading: name, from: #require(files.file(for: name))))
        }
        try TensorFile(kept, metadata: files.metadata).write(to: path)
        return folder
    }

    @Test(
        "a checkpoint without decoder or vocoder says what cannot be done, and inspect says so too"
    )
    func absent() throws {
        let encoderOnly = try folder("vae") { !$0.hasPrefix("decoder.") }
        let silent = try folder("vocoder", keeping: nil)
        defer {
            for path in [encoderOnly, silent] { try? FileManager.default.removeItem(atPath: path) }
        }
        let advice = "use a whole checkpoint, or name one that has it in model.extras_name_or_path"
        let first = try Checkpoint(path: encoderOnly)
        _ = try first.videoEncoder(device: .cpu)
        expect(
            "\(encoderOnly): has no video decoder (vae.decoder), so latents cannot become pictures; "
                + advice
        ) { _ = try first.videoDecoder(device: .cpu) }
        let second = try Checkpoint(path: silent)
        expect("\(silent): has no vocoder, so spectrograms cannot become sound; " + advice) {
            _ = try second.vocoder(device: .cpu)
        }
        let reports = try [first, second].map { try CheckpointReport($0) }
        #expect(reports[0].limits == ["no video decoder: latents cannot become pictures"])
        #expect(reports[1].limits == ["no vocoder: spectrograms cannot become sound"])
        #expect(reports[1].description.contains("\n  has no vocoder: spectrograms cannot"))
        let part = try #require(reports[1].parts.first { $0.component == .videoVAE })
        #expect(part.halves.map(\.name) == ["encoder", "decoder"])
        #expect(part.halves.map(\.parameters).reduce(8, +) == part.parameters)
    }

    @Test("every weight that is missing is named in full, under the original names")
    func missing() throws {
        let vae = try folder("vae") { $0 != "decoder.up_blocks.1.upsamplers.0.conv.conv.bias" }
        let vocoder = try folder("vocoder") { $0 != "bwe_generator.act_out.downsample.filter" }
        defer { for path in [vae, vocoder] { try? FileManager.default.removeItem(atPath: path) } }
        let first = #expect(throws: CheckpointError.self) {
            try Checkpoint(path: vae).videoDecoder(device: .cpu)
        }
        #expect(first?.missing == ["decoder.up_blocks.3.conv.conv.bias"])
        #expect(first?.unexpected == [])
        let second = #expect(throws: CheckpointError.self) {
            try Checkpoint(path: vocoder).vocoder(device: .cpu)
        }
        #expect(second?.missing == ["bwe_generator.act_post.downsample.lowpass.filter"])
    }

    @Test("unknown blocks and switches of the video decoder are refused")
    func video() throws {
        func read(_ blocks: String, _ more: String = "") throws {
            _ = try VideoDecoderConfiguration(
                original: object(
                    #"{"_class_name": "CausalVideoAutoencoder", "decoder_blocks": \#(blocks)\#(more)}"#
                )
            )
        }
        expect(
            "config.decoder_blocks[1]: is attn_res_x, should be res_x or compress_{space,time,all}; "
                + "use an original LTX-2 checkpoint"
        ) { try read(#"[["res_x", {"num_layers": 1}], ["attn_res_x", {}]]"#) }
        expect(
            "config.decoder_blocks[0].inject_noise: is 1, only false is implemented; "
                + "use an original LTX-2 checkpoint"
        ) { try read(#"[["res_x", {"num_layers": 1, "inject_noise": true}]]"#) }
        expect(
            "config.decoder_blocks: is missing, should be a list of [name, settings]; "
                + "the file is not a whole LTX-2 checkpoint"
        ) { try read("null") }
        expect(
            "config.causal_decoder: is 1, only false is implemented; use an original LTX-2 checkpoint"
        ) { try read(#"[["res_x", {"num_layers": 1}]]"#, #", "causal_decoder": true"#) }
    }

    private func diffusers(_ part: String, _ changes: [String: Any]) throws -> ConfigObject {
        let stored = try Fixture.configuration("ltx23_diffusers/\(part)/config.json").values
        return ConfigObject(stored.merging(changes) { $1 }, path: "config")
    }

    @Test("sizes of a diffusers decoder that contradict each other are refused")
    func diffusersVideo() throws {
        func read(_ changes: [String: Any]) throws {
            _ = try VideoDecoderConfiguration(diffusers: diffusers("vae", changes))
        }
        let advice = "use an original LTX-2 checkpoint"
        expect("config.decoder_causal: is true, only false is implemented; " + advice) {
            try read(["decoder_causal": true])
        }
        expect("config.decoder_inject_noise: is true, only false is implemented; " + advice) {
            try read(["decoder_inject_noise": [false, true]])
        }
        expect(
            "config.upsample_type[3]: is sideways, should be spatial, temporal or spatiotemporal; "
                + "the file is damaged"
        ) {
            try read([
                "upsample_type": ["spatial", "spatiotemporal", "temporal", "sideways"]
            ])
        }
        expect(
            "config.decoder_block_out_channels: is [4, 8, 8, 32], should be [4, 8, 8, 16] by "
                + "upsample_factor; " + advice
        ) { try read(["decoder_block_out_channels": [4, 8, 8, 32]]) }
        expect(
            "config: has 4 decoder_block_out_channels, 4 upsample_factor, 4 upsample_type, 4 "
                + "upsample_residual and 4 decoder_layers_per_block, should have one more of the last, all "
                + "of them scaled; the file is damaged"
        ) { try read(["decoder_layers_per_block": [1, 1, 1, 1]]) }
    }

    @Test("unknown vocoders, and those whose rates do not meet, are refused")
    func vocoders() throws {
        func read(_ json: String) throws {
            let spectrum = MelConfiguration()
            _ = try VocoderConfiguration(original: object(json), spectrum: spectrum)
        }
        let advice = "use an original LTX-2 checkpoint"
        expect("config.resblock: is 2, should be 1 or AMP1; " + advice) {
            try read(#"{"resblock": "2"}"#)
        }
        expect("config.activation: is snake, only snakebeta is implemented; " + advice) {
            try read(#"{"resblock": "AMP1", "activation": "snake"}"#)
        }
        expect(
            "config: has 1 upsampling rates, 5 kernels, 3 block kernels and 3 lists of dilations, should "
                + "have as many kernels as rates and lists as block kernels; the file's metadata is damaged"
        ) { try read(#"{"upsample_rates": [6]}"#) }
        expect(
            "config: a kernel of 7 makes 4 samples of one, should be larger by an even number; "
                + advice
        ) { try read(#"{"upsample_rates": [4], "upsample_kernel_sizes": [7]}"#) }
        expect(
            "config.resblock_dilation_sizes: is 3, should be a list of lists of whole numbers; "
                + "the file's metadata is damaged"
        ) { try read(#"{"resblock_dilation_sizes": 3}"#) }

        func folder(_ changes: [String: Any]) throws {
            _ = try VocoderConfiguration(diffusers: diffusers("vocoder", changes))
        }
        expect("config.act_fn: is snake, should be leaky_relu or snakebeta; " + advice) {
            try folder(["act_fn": "snake"])
        }
        expect("config.final_act_fn: is relu, should be tanh, clamp or null; " + advice) {
            try folder(["final_act_fn": "relu"])
        }
        expect(
            "config: makes 240 samples of a hop of 40, from 16000 Hz to 48000 Hz, should make as many times "
                + "more as the rates say, of hops that divide 160; the file's metadata is damaged"
        ) { try folder(["hop_length": 40]) }
    }
}
