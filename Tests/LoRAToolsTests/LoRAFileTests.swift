import Adapters
import Foundation
import LTXModel
import Safetensors
import Testing
import Torch

@testable import LoRATools

@Suite("LoRA files") struct LoRAFileTests {
    private let scene: AdapterScene

    init() throws { scene = try AdapterScene() }

    @Test(
        "the same layers come out of every dialect, in the model's order",
        arguments: KeyDialect.allCases
    )
    func dialects(dialect: KeyDialect) throws {
        let tensors = try scene.lowRank(AdapterScene.layers, dialect: dialect).reversed()
        let file = try LoRAFile(path: scene.write("a", Array(tensors)))
        #expect(file.dialect == dialect)
        #expect(file.layers.map(\.path) == AdapterScene.layers.map(\.path))
        for (layer, made) in zip(file.layers, AdapterScene.layers) {
            #expect((layer.inputCount, layer.outputCount) == (made.input, made.output))
            #expect(layer.rank == 3 && layer.kind == .lora && layer.alpha == nil)
        }
    }

    @Test(
        "every layer of every version is known, in the original's spelling, diffusers' and with underscores"
    )
    func allLayers() throws {
        for table in [
            "ltx20_transformer", "ltx23_transformer", "ltx23_connectors", "ltx25_transformer",
        ] {
            let text = try String(contentsOfFile: recording("shapes/\(table).tsv"), encoding: .utf8)
            let paths = text.split(separator: "\n").compactMap { line -> String? in
                let fields = line.split(separator: "\t")
                guard fields[0].hasSuffix(".weight"), fields[1].contains(",") else { return nil }
                return String(fields[0].dropLast(7)).replacing("model.diffusion_model.", with: "")
                    .replacing(/\{0\.\.\.(\d+)\}/) { String($0.1) }
            }
            #expect(paths.count > 10)
            for path in paths {
                #expect(LayerNames.place(of: path)?.path == path)
                for dialect in KeyDialect.allCases {
                    let layer = try #require(KeyReading.split(dialect.key(path, "lora_A"))?.layer)
                    #expect(LayerNames.place(of: layer)?.path == path, "\(dialect) \(path)")
                }
            }
        }
    }

    @Test("pathways and blocks are told apart; layers around the blocks belong to no stream")
    func pathways() throws {
        let file = try LoRAFile(path: scene.write("a", scene.lowRank(AdapterScene.layers)))
        #expect(
            file.layers.map(\.pathway) == [
                .other, .other, .videoConnector, .audioConnector, .video, .video, .audio,
                .audioToVideo, .videoToAudio, .video, .audio, .other,
            ]
        )
        #expect(file.layers.map(\.block) == [nil, nil, 0, 1, 0, 0, 0, 0, 1, 1, 1, nil])
    }

    @Test("factors are those of the file, with alpha over rank as their scale")
    func factors() throws {
        let tensors = try scene.lowRank(
            [("transformer_blocks.0.attn1.to_q", 8, 6)],
            dialect: .kohya,
            dtype: .float32,
            alpha: 6
        )
        let layer = try #require(LoRAFile(path: scene.write("a", tensors)).layers.first)
        let factors = try layer.factors(as: .float64)
        #expect(factors.scale == 2 && layer.alpha == 6 && factors.rank == 3)
        try withTorchErrors {
            #expect(factors.down.dtype == .float64)
            #expect(factors.down.floats() == tensors[0].tensor.floats())
            #expect(factors.up.floats() == tensors[1].tensor.floats())
        }
    }

    @Test(
        "the recorded adapters are for LTX-2.3 and open as they are",
        arguments: ["ltx23_lora", "ltx23_lora_all"]
    )
    func recorded(name: String) throws {
        let file = try LoRAFile(path: recording("\(name).safetensors"))
        #expect(file.dialect == .comfyUI)
        #expect(file.layers.count * 2 == file.file.names.count)
        #expect(file.version == (name == "ltx23_lora" ? nil : .ltx23))
    }

    @Test(
        "the version is told by layers first, then by metadata",
        arguments: [
            ("transformer_blocks.0.attn1.to_gate_logits", "ltx2", ModelVersion.ltx23),
            ("transformer_blocks.0.attn1.to_gate_logits", "ltx2.5", .ltx25),
            ("caption_projection.linear_1", "ltx2.3", .ltx20),
            ("transformer_blocks.0.attn1.to_q", "ltx2.3", .ltx23),
            ("transformer_blocks.0.attn1.to_q", "LTX-2", .ltx20),
            ("transformer_blocks.0.attn1.to_q", "flux", nil),
        ]
    )
    func version(path: String, said: String, version: ModelVersion?) throws {
        let tensors = try scene.lowRank([(path, 8, 8)])
        let place = try scene.write("a", tensors, metadata: ["ss_base_model_version": said])
        #expect(try LoRAFile(path: place).version == version)
    }

    @Test("two names of one layer are one layer, and both are kept")
    func aliases() throws {
        let path = "video_embeddings_connector.transformer_1d_blocks.0.attn1.to_q"
        let own = try scene.lowRank([(path, 8, 8)])
        let both =
            own
            + own.map { ($0.name.replacing("diffusion_model.", with: "text_encoders."), $0.tensor) }
        let file = try LoRAFile(path: scene.write("a", both))
        #expect(file.layers.count == 1)
        #expect(file.layers.first?.parts.map(\.isAlias) == [false, false, true, true])
    }
}
