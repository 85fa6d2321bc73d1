import Adapters
import Foundation
import LoRATools
import Testing
import Torch

@Suite("Inspecting") struct LoRAReportTests {
    private let scene: AdapterScene
    private static let key = "diffusion_model.transformer_blocks.0.attn1.to_q"

    init() throws { scene = try AdapterScene() }

    @Test("norms are those of the dense changes, by layer, block and pathway")
    func norms() throws {
        let tensors = try scene.lowRank(AdapterScene.layers, dtype: .float32, alpha: 5)
        let file = try LoRAFile(path: scene.write("a", tensors))
        let report = try LoRAReport(file)
        let dense = try file.layers.map { try length(denseChange($0)) }
        for (layer, norm) in zip(report.layers, dense) {
            #expect(abs(try #require(layer.norm) - norm) < 1e-5 * norm)
        }
        for pathway in report.pathways {
            let own = zip(file.layers, dense).filter { $0.0.pathway.rawValue == pathway.pathway }
            let norm = own.reduce(0) { $0 + $1.1 * $1.1 }.squareRoot()
            #expect(abs(pathway.norm - norm) < 1e-5 * norm && pathway.layers == own.count)
            for (block, value) in pathway.blocks.enumerated() {
                let there = own.filter { $0.0.block == block }.reduce(0) { $0 + $1.1 * $1.1 }
                #expect(abs(value - there.squareRoot()) < 1e-5 * norm)
            }
        }
        #expect(report.ranks == [3: 12] && report.alphas == ["5": 12] && !report.isNearZero)
    }

    @Test(
        "norms of other kinds are those of the dense changes",
        arguments: [
            [("lokr_w1", [2, 2]), ("lokr_w2", [4, 4]), ("alpha", [])],
            [("lokr_w1", [2, 2]), ("lokr_w2_a", [4, 1]), ("lokr_w2_b", [1, 4]), ("alpha", [])],
            [
                ("hada_w1_a", [8, 2]), ("hada_w1_b", [2, 8]), ("hada_w2_a", [8, 2]),
                ("hada_w2_b", [2, 8]),
            ],
            [("diff", [8, 8])],
        ] as [[(String, [Int])]]
    )
    func otherKinds(parts: [(String, [Int])]) throws {
        let tensors = try withTorchErrors {
            parts.map { ("\(Self.key).\($0.0)", scene.normal($0.1) + 1) }
        }
        let file = try LoRAFile(path: scene.write("a", tensors))
        let norm = try length(denseChange(file.layers[0]))
        #expect(try abs(#require(LoRAReport(file).layers[0].norm) - norm) < 1e-5 * norm)
    }

    @Test("dead layers, values that are not finite and near-zero files are told")
    func remarks() throws {
        let others = try scene.lowRank([("transformer_blocks.1.attn1.to_q", 8, 8)])
        func report(_ down: Double, _ up: Double, _ more: [(name: String, tensor: Tensor)]) throws
            -> LoRAReport
        {
            let own = try withTorchErrors {
                [
                    ("\(Self.key).lora_A.weight", Tensor.full([2, 8], down)),
                    ("\(Self.key).lora_B.weight", Tensor.full([8, 2], up)),
                ]
            }
            return try LoRAReport(LoRAFile(path: scene.write("a", own + more)))
        }
        let path = "transformer_blocks.0.attn1.to_q"
        #expect(try report(1, 0, others).dead == [path])
        #expect(try report(1, 1e-9, others).dead == [path])
        #expect(try report(1, 1, others).dead == [])
        let broken = try report(1, .infinity, others)
        #expect(broken.broken == [path] && broken.dead == [] && !broken.isNearZero)
        #expect(try report(1, 1e-6, []).isNearZero)
        #expect(try report(1, 0, []).isNearZero)
        #expect(try !report(1, 1e-3, []).isNearZero)
    }

    @Test("trigger and steps are found in what several programs write")
    func facts() throws {
        let tensors = try scene.lowRank([("transformer_blocks.1.attn1.to_q", 8, 8)])
        func report(_ metadata: [String: String]) throws -> LoRAReport {
            try LoRAReport(LoRAFile(path: scene.write("a", tensors, metadata: metadata)))
        }
        let own = try report([
            "trigger_word": "ohwx", "training_info": #"{"step": 12, "epoch": 3}"#,
        ])
        #expect(own.trigger == "ohwx" && own.steps == 12)
        let kohya = try report(["modelspec.trigger_phrase": "anna", "ss_steps": "400"])
        #expect(kohya.trigger == "anna" && kohya.steps == 400)
        let silent = try report(["trigger_word": "", "training_info": "none"])
        #expect(silent.trigger == nil && silent.steps == nil)
    }

    @Test("a shared beginning is told from separate ones, and equal changes correlate")
    func comparison() throws {
        let layers = [
            ("transformer_blocks.0.attn1.to_q", 400, 30),
            ("transformer_blocks.0.audio_ff.net.2", 400, 20),
        ]
        let first = try scene.lowRank(layers, rank: 4, dtype: .float32)
        // The same A with a little noise, another B.
        let second = try withTorchErrors {
            first.map { name, tensor in
                let noise = scene.normal(tensor.shape)
                return (name, name.contains("lora_A") ? tensor + noise * 0.05 : noise)
            }
        }
        let third = try scene.lowRank(layers, rank: 2, dtype: .float32)
        let files = try [("a", first), ("b", second), ("c", third)].map {
            try LoRAFile(path: scene.write($0.0, $0.1))
        }
        let shared = try LoRAComparison(files[0], files[1])
        #expect(shared.start == .shared && shared.medianCosine > 0.99 && shared.sharedLayers == 2)
        #expect(shared.overlaps.allSatisfy { abs($0.correlation) < 0.3 })
        let separate = try LoRAComparison(files[0], files[2])
        #expect(separate.start == .separate && separate.medianCosine < 0.3)
        #expect(abs(separate.overlaps[0].chance - 0.1) < 1e-9)
        let same = try LoRAComparison(files[0], files[0])
        #expect(
            same.overlaps.allSatisfy {
                abs($0.correlation - 1) < 1e-6 && $0.medianCosine > 0.999999
            }
        )
        for (layer, overlap) in zip(files[0].layers, shared.overlaps) {
            let other = try #require(files[1].layers.first { $0.path == layer.path })
            let (x, y) = (try denseChange(layer), try denseChange(other))
            let product = try withTorchErrors { (x * y).sum().item() }
            #expect(try abs(overlap.correlation - product / (length(x) * length(y))) < 1e-5)
        }
    }

    @Test("files without a common layer are no pair")
    func noPair() throws {
        let a = try LoRAFile(
            path: scene.write("a", scene.lowRank([("transformer_blocks.0.attn1.to_q", 4, 4)]))
        )
        let b = try LoRAFile(
            path: scene.write("b", scene.lowRank([("transformer_blocks.0.attn1.to_k", 4, 4)]))
        )
        let c = try LoRAFile(
            path: scene.write("c", scene.lowRank([("transformer_blocks.0.attn1.to_q", 5, 4)]))
        )
        let none = #expect(throws: LoRAError.self) { try LoRAComparison(a, b) }
        #expect(
            none?.problem
                == "has no LoRA on a layer that \(a.path) has one on, some should be common"
        )
        let sizes = #expect(throws: LoRAError.self) { try LoRAComparison(a, c) }
        #expect(
            sizes?.problem
                == "is for a matrix [4, 5], in \(a.path) it is [4, 4]; sizes should be equal"
        )
    }
}
