import Adapters
import Foundation
import Testing
import Torch

@testable import LoRATools

@Suite("Scaling") struct LoRAScaleTests {
    private let scene: AdapterScene
    private static let key = "transformer_blocks.0.attn1.to_q"

    init() throws { scene = try AdapterScene() }

    /// An adapter of each kind for one layer `[8, 8]`, with or without an alpha.
    private func tensors(_ kind: String, alpha: Double?) throws -> [(name: String, tensor: Tensor)]
    {
        let shapes: [String: [(String, [Int])]] = [
            "lora": [("lora_A.weight", [3, 8]), ("lora_B.weight", [8, 3])],
            "loha": [
                ("hada_w1_a", [8, 2]), ("hada_w1_b", [2, 8]), ("hada_w2_a", [8, 2]),
                ("hada_w2_b", [2, 8]),
            ],
            "lokr": [("lokr_w1", [2, 2]), ("lokr_w2", [4, 4])],
            "lokr, rank": [("lokr_w1", [2, 2]), ("lokr_w2_a", [4, 1]), ("lokr_w2_b", [1, 4])],
            "fullrank": [("diff", [8, 8])],
        ]
        return try withTorchErrors {
            (shapes[kind] ?? []).map {
                ("diffusion_model.\(Self.key).\($0.0)", scene.normal($0.1).to(.bfloat16))
            }
                + [alpha.map { ("diffusion_model.\(Self.key).alpha", Tensor.full([], $0)) }]
                .compactMap(\.self)
        }
    }

    @Test(
        "every kind then does what it did at that strength, to float32's last digit",
        arguments: ["lora", "loha", "lokr", "lokr, rank", "fullrank"],
        [nil, 5.0]
    )
    func kinds(kind: String, alpha: Double?) throws {
        let source = try LoRAFile(path: scene.write("a", tensors(kind, alpha: alpha)))
        for strength in [0.5, -0.3, 1.7] {
            let out = scene.path("out")
            try LoRAScale(PathwayStrengths(strength)).write(source, to: out)
            let (before, after) = (
                try denseChange(source.layers[0]), try denseChange(LoRAFile(path: out).layers[0])
            )
            let error = try length(withTorchErrors { before * strength - after }) / length(before)
            #expect(error < 1e-7, "\(kind) \(strength)")
        }
    }

    @Test("which tensor is scaled, and in which type")
    func ways() throws {
        let plain = try LoRAFile(path: scene.write("a", scene.lowRank(AdapterScene.layers)))
        func outcome(_ file: LoRAFile, _ text: String) throws -> LoRAScale.Outcome {
            let strengths = try PathwayStrengths(parsing: text, at: "strengths")
            return try LoRAScale(strengths).write(file, to: scene.path("out"))
        }
        var expected = LoRAScale.Outcome()
        (expected.kept, expected.widened) = (9, 3)
        #expect(try outcome(plain, "face=1,voice=0.7") == expected)
        (expected.widened, expected.inPlace) = (0, 3)
        #expect(try outcome(plain, "voice=0.5") == expected)
        (expected.inPlace, expected.removed) = (0, 3)
        #expect(try outcome(plain, "voice=0") == expected)
        #expect(try LoRAFile(path: scene.path("out")).layers.count == 9)
        let kohya = try scene.lowRank(AdapterScene.layers, dialect: .kohya, alpha: 3)
        let source = try LoRAFile(path: scene.write("b", kohya))
        (expected.removed, expected.byAlpha) = (0, 3)
        #expect(try outcome(source, "voice=0.5") == expected)
        #expect(try LoRAFile(path: scene.path("out")).metadata["scaled_by"] != nil)
    }

    @Test("a DoRA is refused between 0 and 1, and nothing at all too")
    func refusals() throws {
        let dora =
            try tensors("lora", alpha: nil) + [
                ("diffusion_model.\(Self.key).dora_scale", withTorchErrors { .full([8, 1], 1) })
            ]
        let file = try LoRAFile(path: scene.write("dora", dora))
        let first = #expect(throws: LoRAError.self) {
            try LoRAScale(PathwayStrengths(0.5)).write(file, to: scene.path("out"))
        }
        #expect(
            first?.problem == "is a DoRA, which at a strength other than 0 and 1 is none any more"
                && first?.fix
                    == "give the strength where the adapter is used, or remove layers with "
                    + "likeness lora strip"
        )
        let second = #expect(throws: LoRAError.self) {
            try LoRAScale(PathwayStrengths(0)).write(file, to: scene.path("out"))
        }
        #expect(second?.problem == "has strength 0 everywhere, something should be left")
        #expect(scene.names == ["dora.safetensors"])
    }
}
