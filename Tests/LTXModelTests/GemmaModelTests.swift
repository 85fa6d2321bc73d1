import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// Against hidden states recorded from transformers.
@Suite("Gemma") struct GemmaModelTests {
    static func model(_ source: any WeightSource) throws -> GemmaModel {
        let file = try Fixture.configuration("ltx20_diffusers/text_encoder/config.json")
        let reader = WeightReader(source, named: "gemma", dtype: nil)
        let model = GemmaModel(reader.root, try GemmaConfiguration(file))
        try reader.finish()
        return model
    }

    static func weights(_ name: String = "gemma3") throws -> FileWeights {
        FileWeights(try Fixture.files(name), rename: GemmaModel.weightName)
    }

    @Test("every hidden state agrees with the reference, below and above the sliding window")
    func hiddenStates() throws {
        let recording = try Recording("gemma3_io")
        try running {
            let model = try Self.model(Self.weights())
            for (input, output) in [("in.ids", "out"), ("in.long_ids", "out.long")] {
                let ids = try recording.tensor(input).narrow(0, from: 0, count: 1)
                let states = try model.hiddenStates([ids.integers()])
                for (index, state) in states.enumerated() {
                    try recording.expect(state, agreesWith: "\(output).hs\(index)") {
                        $0.narrow(0, from: 0, count: 1)
                    }
                }
                let last = try #require(states.last)
                try recording.expect(last, agreesWith: "\(output).last") {
                    $0.narrow(0, from: 0, count: 1)
                }
            }
        }
    }

    @Test("a prompt without its padding gives what the reference gives for its real tokens")
    func paddedPrompt() throws {
        let recording = try Recording("gemma3_io")
        try running {
            let mask = try recording.tensor("in.mask").select(0, 1).integers()
            let padding = mask.prefix { $0 == 0 }.count
            let ids = try recording.tensor("in.ids").select(0, 1).integers()
            #expect(padding == 5)

            let states = try Self.model(Self.weights()).hiddenStates([Array(ids.dropFirst(padding))]
            )

            for (index, state) in states.enumerated() {
                try recording.expect(state, agreesWith: "out.hs\(index)") {
                    $0.narrow(0, from: 1, count: 1)
                        .narrow(1, from: padding, count: ids.count - padding)
                }
            }
        }
    }

    @Test("prompts of one length can share a batch")
    func batch() throws {
        let recording = try Recording("gemma3_io")
        try running {
            let model = try Self.model(Self.weights())
            let ids = try recording.tensor("in.ids").select(0, 0).integers()
            let other = Array(ids.reversed())
            let together = try model.hiddenStates([other, ids])
            let alone = try model.hiddenStates([other]) + model.hiddenStates([ids])
            for index in 0..<4 {
                let rows = Tensor.concatenate([alone[index], alone[4 + index]], axis: 0)
                #expect(together[index].relativeDifference(from: rows) <= 1e-6)
            }
        }
    }

    @Test(
        "all layouts of the weights give the same result",
        arguments: [
            "gemma3_single", "ltx20_diffusers/text_encoder", "ltx23_diffusers/text_encoder",
        ]
    )
    func layouts(name: String) throws {
        let recording = try Recording("gemma3_io")
        try running {
            let ids = try recording.tensor("in.long_ids").integers()
            let states = try Self.model(Self.weights(name)).hiddenStates([ids])
            try recording.expect(states[3], agreesWith: "out.long.last")
        }
    }

    @Test("names are found below every known prefix, and only those of the text model")
    func names() {
        let own = "layers.7.mlp.up_proj.weight"
        for prefix in ["", "model.", "language_model.model.", "model.language_model."] {
            #expect(GemmaModel.weightName(prefix + own) == own)
        }
        let others = [
            "vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight", "spiece_model",
            "model.vision_tower.vision_model.embeddings.patch_embedding.weight", "lm_head.weight",
            "multi_modal_projector.mm_soft_emb_norm.weight", "vision_model.post_layernorm.weight",
        ]
        for name in others { #expect(GemmaModel.weightName(name) == nil) }
    }

    @Test("with bfloat16 weights the embeddings are scaled by the rounded root")
    func bfloat16() throws {
        try running {
            let file = try Fixture.configuration("ltx20_diffusers/text_encoder/config.json")
            let reader = WeightReader(try Self.weights(), named: "gemma", dtype: .bfloat16)
            let model = GemmaModel(reader.root, try GemmaConfiguration(file))
            try reader.finish()
            let states = try model.hiddenStates([[2, 9]])
            let table = try Self.weights().load("embed_tokens.weight").to(.bfloat16)
            let row = table.select(0, 9) * 4.90625  // √24 in eight bits
            #expect(states.allSatisfy { $0.dtype == .bfloat16 && $0.isFinite })
            #expect(states[0].select(0, 0).select(0, 1).relativeDifference(from: row) == 0)
        }
    }

    @Test("missing and misshapen weights are named in full")
    func faults() throws {
        let broken = try ChangedWeights(
            Self.weights(),
            dropping: ["layers.1.self_attn.q_norm.weight"],
            replacing: ["norm.weight": Tensor.zeros([5]), "layers.0.extra": Tensor.zeros([1])]
        )
        let error = #expect(throws: CheckpointError.self) {
            try running { try Self.model(broken) }
        }
        #expect(error?.missing == ["layers.1.self_attn.q_norm.weight"])
        #expect(error?.misshapen == ["norm.weight: is [5], should be [24]"])
        #expect(error?.unexpected == ["layers.0.extra"])
    }

    @Test("inputs that cannot be encoded are refused with what to do")
    func inputs() throws {
        try running {
            let model = try Self.model(Self.weights())
            #expect(
                throws: ModelInputError(
                    "text encoder: got token 1024, should be below 1024; use the tokenizer that belongs to this text encoder"
                )
            ) {
                try model.hiddenStates([[2, 1024]])
            }
            #expect(
                throws: ModelInputError(
                    "text encoder: got prompts of [1, 2] tokens, should be one number above 0; run prompts of different lengths one by one"
                )
            ) {
                try model.hiddenStates([[2], [2, 3]])
            }
            #expect(throws: ModelInputError.self) { try model.hiddenStates([]) }
        }
    }
}
