import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// Names, shapes and fixed assumptions of transformers, the released sizes included.
@Suite("Transformer weights") struct TransformerWeightsTests {
    /// The released sizes with the switches of a recorded checkpoint.
    private func realConfiguration(_ version: String) throws -> TransformerConfiguration {
        var config = try TransformerFixture.checkpoint(version).transformerConfiguration
        config.video.heads = 32
        config.video.headWidth = 128
        config.video.channels = 128
        config.audio.heads = 32
        config.audio.headWidth = 64
        config.audio.channels = 128
        config.blockCount = 48
        if config.captionWidth != nil { config.captionWidth = 3840 }
        return config
    }

    @Test(
        "every weight of the released models is read, and nothing else",
        arguments: [("20", 3510, 1344), ("23", 4186, 1632), ("25", 4091, 1632)]
    )
    func released(version: String, tensors: Int, linears: Int) throws {
        let source = try ShapeOnlyWeights(
            "ltx\(version)_transformer",
            below: "model.diffusion_model."
        )
        #expect(source.names.count == tensors)
        let config = try realConfiguration(version)
        try running {
            let model = try TransformerFixture.model(source, config)
            #expect(source.asked == Set(source.names))
            #expect(model.blockLinears.count == linears)
            let shapes = model.blockLinears.map {
                TransformerConfiguration.LayerShape(
                    path: $0.path,
                    input: $0.inputCount,
                    output: $0.outputCount
                )
            }
            let byPath = {
                (a: TransformerConfiguration.LayerShape, b: TransformerConfiguration.LayerShape) in
                a.path < b.path
            }
            #expect(shapes.sorted(by: byPath) == config.blockLinearShapes.sorted(by: byPath))
        }
    }

    @Test("missing, left-over and misshapen weights are listed by name")
    func faults() throws {
        let weights = try TransformerFixture.checkpoint("23").weights(.transformer)
        let broken = ChangedWeights(
            weights,
            dropping: ["transformer_blocks.0.attn1.to_q.weight"],
            replacing: [
                "proj_out.bias": Tensor.zeros([5]),
                "transformer_blocks.7.attn1.to_q.weight": Tensor.zeros([1]),
            ]
        )
        let config = try TransformerFixture.checkpoint("23").transformerConfiguration
        let error = #expect(throws: CheckpointError.self) {
            try running { try TransformerFixture.model(broken, config) }
        }
        #expect(error?.missing == ["transformer_blocks.0.attn1.to_q.weight"])
        #expect(error?.misshapen == ["proj_out.bias: is [5], should be [4]"])
        #expect(error?.unexpected == ["transformer_blocks.7.attn1.to_q.weight"])
        #expect(
            error?.description == """
                test does not fit the model:
                  1 missing:
                    transformer_blocks.0.attn1.to_q.weight
                  1 unexpected:
                    transformer_blocks.7.attn1.to_q.weight
                  1 of another shape:
                    proj_out.bias: is [5], should be [4]
                  Use a whole LTX-2.0 or LTX-2.3 checkpoint; `likeness model inspect` shows what a file holds.
                """
        )
    }

    @Test(
        "both layouts of a checkpoint describe and hold the same transformer",
        arguments: ["20", "23"]
    )
    func layouts(version: String) throws {
        let single = try TransformerFixture.checkpoint(version)
        let folder = try TransformerFixture.checkpoint(version, diffusers: true)
        #expect(single.layout == .singleFile)
        #expect(folder.layout == .diffusersFolder)
        #expect(single.version == folder.version)
        #expect(try single.transformerConfiguration == folder.transformerConfiguration)
        #expect(try single.weights(.transformer).names == folder.weights(.transformer).names)
    }

    @Test("versions are told by their keys")
    func versions() throws {
        #expect(try TransformerFixture.checkpoint("20").version == .ltx20)
        #expect(try TransformerFixture.checkpoint("23").version == .ltx23)
        #expect(try TransformerFixture.checkpoint("25").version == .ltx25)
        #expect(ModelVersion(keys: ["double_blocks.0.img_attn.qkv.weight"]) == nil)
    }

    @Test(
        "a configuration that the code does not implement is refused by key",
        arguments: [
            ("rope_type", #""interleaved""#, "is interleaved, only split is implemented"),
            ("attention_bias", "false", "is 0, only true is implemented"),
            ("qk_norm", #""layer_norm""#, "is layer_norm, only rms_norm is implemented"),
            ("share_ff", "true", "is 1, only false is implemented"),
            ("num_embeds_ada_norm", "2000", "is 2000, only 1000 is implemented"),
        ]
    )
    func fixedAssumptions(key: String, value: String, problem: String) throws {
        let config = try ConfigObject(
            json: Data("{\"\(key)\": \(value)}".utf8),
            path: "config.transformer"
        )
        let error = #expect(throws: ConfigurationError.self) {
            try TransformerConfiguration(original: config, hasCaptionProjection: false)
        }
        let text = try #require(error).description
        #expect(text.hasPrefix("config.transformer.\(key): is "), "\(text)")
        #expect(text.hasSuffix("is implemented; use an original LTX-2 checkpoint"), "\(text)")
    }

    @Test("a file without a transformer, or no file at all, is refused with what to do")
    func noTransformer() {
        let missing = Fixture.folder + "/nothing.safetensors"
        #expect(
            throws: ConfigurationError(
                "\(missing): there is no such file or folder; check model.name_or_path"
            )
        ) { try Checkpoint(path: missing) }
        let vae = Fixture.folder + "/ltx20_vae_tcond_single.safetensors"
        #expect(
            throws: ConfigurationError(
                "\(vae): holds no LTX-2 transformer (no audio_to_video_attn in its keys); use an LTX-2.0, 2.3 or 2.5 checkpoint"
            )
        ) { try Checkpoint(path: vae) }
    }
}
