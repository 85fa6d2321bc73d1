import Foundation
import Safetensors
import Testing

@testable import LTXModel
@testable import Torch

/// Checkpoints that are stored in 8 bits, against velocities of the decoded weights in diffusers.
@Suite("Quantised checkpoints") struct QuantizedCheckpointTests {
    private func checkpoint(_ name: String) throws -> Checkpoint {
        try Checkpoint(path: "\(Fixture.folder)/\(name).safetensors")
    }

    private func weight(_ path: String, of model: Transformer) throws -> any LinearWeight {
        try #require(model.blockLinears.first { $0.path.hasSuffix(path) }).weight
    }

    @Test(
        "fp8 and int8 files as released give the reference's velocities",
        arguments: ["ltx23_fp8", "ltx23_fp8_old", "ltx23_int8_convrot"]
    )
    func velocities(name: String) throws {
        let recording = try Recording("quantization_io")
        try running {
            let model = try checkpoint(name).transformer(dtype: .float32, device: .cpu)
            let output = try model(TransformerFixture.input("23"))
            try recording.expect(try #require(output.video), agreesWith: "out.\(name).video")
            try recording.expect(try #require(output.audio), agreesWith: "out.\(name).audio")
        }
    }

    @Test("what a file keeps in 8 bits stays in 8 bits, each layer in its own way")
    func forms() throws {
        try running {
            let scaled = try checkpoint("ltx23_fp8").transformer(dtype: .bfloat16, device: .cpu)
            #expect(scaled.blockLinears.allSatisfy { $0.weight is Float8Weight })
            #expect(try weight("ff.net.2", of: scaled).byteCount == 32 * 128 + 4)
            let old = try checkpoint("ltx23_fp8_old").transformer(dtype: .bfloat16, device: .cpu)
            #expect(old.blockLinears.allSatisfy { $0.weight is Float8Weight })
            let tensors = try weight("0.ff.net.2", of: old).tensors
            #expect(tensors.first?.dtype == .float8E5M2)
            let whole = try checkpoint("ltx23_int8_convrot")
                .transformer(dtype: .bfloat16, device: .cpu)
            #expect(whole.blockLinears.allSatisfy { $0.weight is Int8Weight })
        }
    }

    @Test("a text encoder in fp8 with int8 embeddings gives the reference's states")
    func textEncoder() throws {
        let recording = try Recording("quantization_io")
        try running {
            let source = try GemmaModelTests.weights("gemma3_fp8")
            let model = try GemmaModelTests.model(source)
            let states = try model.hiddenStates([Array(2..<14)])
            try recording.expect(.stack(states, axis: 0), agreesWith: "out.gemma3_fp8.hs")
        }
    }

    @Test("fewer bits than the file has are made of it; more are not")
    func narrower() throws {
        try running {
            let file = try checkpoint("ltx23_fp8")
            let four = try file.transformer(
                dtype: .float32,
                device: .cpu,
                quantization: .transformer(.nf4)
            )
            #expect(try weight("attn1.to_q", of: four) is NF4Weight)
            #expect(try weight("attn1.to_gate_logits", of: four) is Float8Weight)
            let eight = try file.transformer(
                dtype: .float32,
                device: .cpu,
                quantization: .transformer(.int8)
            )
            #expect(try weight("attn1.to_q", of: eight) is Float8Weight)
        }
    }

    @Test(
        "the layers of blocks are quantised, gates and all outside stay",
        arguments: WeightFormat.allCases
    )
    func rules(format: WeightFormat) throws {
        try running {
            let model = try TransformerFixture.checkpoint("23").transformer(
                dtype: .float32,
                device: .cpu,
                quantization: .transformer(format)
            )
            for layer in model.blockLinears {
                #expect((layer.weight is DenseWeight) == layer.path.hasSuffix("to_gate_logits"))
            }
        }
        let rules = QuantizationRules.transformer(format)
        for path in [
            "patchify_proj", "adaln_single.linear", "proj_out", "caption_projection.linear_1",
        ] {
            #expect(rules.format(of: path) == nil)
        }
        #expect(rules.format(of: "transformer_blocks.3.ff.net.2") == format)
    }

    @Test(
        "the bytes that a format saves are foretold from headers",
        arguments: WeightFormat.allCases
    )
    func foretoldBytes(format: WeightFormat) throws {
        for name in ["ltx23_single", "ltx23_fp8"] {
            let file = try checkpoint(name)
            func difference(_ bytes: (QuantizationRules?) throws -> Int) throws -> Int {
                try bytes(nil) - bytes(.transformer(format))
            }
            let foretold = try difference {
                try file.transformerBytes(dtype: .bfloat16, quantization: $0)
            }
            let found = try difference { rules in
                let model = try file.transformer(
                    dtype: .bfloat16,
                    device: .cpu,
                    quantization: rules
                )
                return model.blockLinears.reduce(0) { $0 + $1.weight.byteCount }
            }
            // One scale for each matrix is no longer needed where a file's codes are replaced.
            #expect(abs(foretold - found) <= 4 * 28)
            #expect(foretold > 0 || (name == "ltx23_fp8" && format.bits == 8))
        }
    }

    @Test("codes that cannot be read are refused by name, with what to use")
    func unreadable() throws {
        let layer = "transformer_blocks.0.attn1.to_q"
        let other = "use another file of this model"
        let family = "use the bf16, fp8 or int8 file of this model"
        func bytes(_ text: String) -> Tensor {
            Array(text.utf8).withUnsafeBytes {
                Tensor(bytes: $0, dtype: .uint8, shape: [text.utf8.count])
            }
        }
        let turned = #"{"format": "int8_tensorwise", "convrot": true, "convrot_groupsize": 64}"#
        let int8 = Tensor.zeros([32, 32], dtype: .int8)
        let cases: [([String: Tensor], String)] = [
            (
                ["weight_scale": .zeros([3])],
                "weight: has scales of shape [3], should have one, or one for each of 32 rows; \(other)"
            ),
            (
                ["weight_scale_2": .zeros([1])],
                "weight: is stored as nvfp4, which this program does not read; \(family)"
            ),
            (
                ["comfy_quant": bytes(#"{"format": "mxfp8"}"#)],
                "weight: is stored as mxfp8, which this program does not read; \(family)"
            ),
            (
                ["comfy_quant": bytes("nothing")],
                "comfy_quant: is no description of a layer, should be JSON with a format; "
                    + "the file is damaged, fetch it again"
            ),
            (
                ["weight": int8, "comfy_quant": bytes(turned)],
                "weight: is rotated in groups of 64 columns of 32, should be whole groups of 256; \(other)"
            ),
        ]
        for (changes, message) in cases {
            let replaced = Dictionary(uniqueKeysWithValues: changes.map { ("\(layer).\($0)", $1) })
            let weights = try checkpoint("ltx23_fp8").weights(.transformer)
            let changed = ChangedWeights(weights, replacing: replaced)
            let config = try checkpoint("ltx23_fp8").transformerConfiguration
            let error = #expect(throws: CheckpointError.self) {
                try running { _ = try TransformerFixture.model(changed, config) }
            }
            #expect(error?.unreadable == ["\(layer).\(message)"])
        }
        let bare = ChangedWeights(
            try checkpoint("ltx23_fp8").weights(.transformer),
            dropping: ["\(layer).weight_scale"],
            replacing: ["\(layer).weight": int8]
        )
        let error = #expect(throws: CheckpointError.self) {
            try running {
                let config = try checkpoint("ltx23_fp8").transformerConfiguration
                _ = try TransformerFixture.model(bare, config)
            }
        }
        #expect(
            error?.unreadable == [
                "\(layer).weight: is stored in int8 without a scale, should have \(layer).weight_scale "
                    + "beside it; \(other)"
            ]
        )
    }
}
