import Foundation
import Testing
import Torch

@testable import LoRATools

@Suite("Faults of adapter files") struct LoRAFileFaultTests {
    private let scene: AdapterScene
    private static let layer = "transformer_blocks.0.attn1.to_q"
    private static let key = "diffusion_model." + layer

    init() throws { scene = try AdapterScene() }

    private func message(_ tensors: [(name: String, tensor: Tensor)]) throws -> String? {
        let place = try scene.write("a", tensors)
        let error = #expect(throws: LoRAError.self) { try LoRAFile(path: place) }
        return error?.description.replacing(scene.folder + "/", with: "")
    }

    private func zeros(_ part: String, _ shape: [Int]) throws -> (name: String, tensor: Tensor) {
        ("\(Self.key).\(part)", try withTorchErrors { .zeros(shape) })
    }

    @Test("an empty file")
    func empty() throws {
        #expect(
            try message([])
                == "a.safetensors: holds no tensors, should hold an adapter; check the path"
        )
    }

    @Test("names that are no parts of adapters, the first ten of them")
    func strangers() throws {
        let names = (0..<12).map { "diffusion_model.x\($0 + 10).weight" }
        let tensors = try withTorchErrors { names.map { ($0, Tensor.zeros([1])) } }
        #expect(
            try message(tensors)
                == "a.safetensors: holds 12 tensors that are no part of an adapter of a known kind: "
                + names.prefix(10).joined(separator: ", ")
                + " and 2 more; use a file of LoRA, DoRA, "
                + "LoKr, LoHa or whole differences"
        )
    }

    @Test("layers of another model")
    func otherModel() throws {
        let tensors = try scene.lowRank([("double_blocks.0.img_attn.qkv", 4, 4)])
        #expect(
            try message(tensors)
                == "a.safetensors: has adapters of 1 layers that no LTX-2 model has: "
                + "double_blocks.0.img_attn.qkv; use an adapter trained for LTX-2"
        )
    }

    @Test(
        "halves of pairs and shapes that do not multiply",
        arguments: [
            (["lora_A.weight": [2, 4]], "has lora_A without lora_B, should have all parts"),
            (
                ["lora_B.weight": [4, 2], "alpha": []],
                "has lora_B without lora_A, should have all parts"
            ),
            (["alpha": []], "has alpha alone, should have factors"),
            (
                ["lora_A.weight": [2, 4], "lora_B.weight": [4, 3]],
                "has lora_B [4, 3] and lora_A [2, 4], should be [out, r] and [r, in]"
            ),
            (
                ["lora_A.weight": [4], "lora_B.weight": [4, 1]],
                "has lora_A [4], should be a matrix"
            ),
            (
                ["lora_A.weight": [2, 4], "lora_B.weight": [4, 2], "alpha": [2]],
                "has an alpha of shape [2], should be one number"
            ),
            (
                ["lora_A.weight": [2, 4], "lora_B.weight": [4, 2], "dora_scale": [3]],
                "has dora_scale [3], should be one number per row, [4]"
            ),
            (
                ["lokr_w1": [2, 2], "lokr_w2_a": [4, 1]],
                "has lokr_w1, lokr_w2_a without lokr_w2_b, should have all parts"
            ),
            (
                [
                    "hada_w1_a": [4, 2], "hada_w1_b": [2, 4], "hada_w2_a": [3, 2],
                    "hada_w2_b": [2, 4],
                ],
                "has products [4, 4] and [3, 4], should have two of one shape"
            ),
        ] as [([String: [Int]], String)]
    )
    func shapes(parts: [String: [Int]], problem: String) throws {
        let tensors = try parts.sorted { $0.key < $1.key }.map { try zeros($0.key, $0.value) }
        #expect(
            try message(tensors)
                == "a.safetensors, \(Self.layer): \(problem); download or export the file again"
        )
    }

    @Test("lengths of columns, which no DoRA of rows can say, and magnitudes of other kinds")
    func magnitudes() throws {
        let columns = try message([
            zeros("lora_A.weight", [2, 4]), zeros("lora_B.weight", [4, 2]),
            zeros("dora_scale", [1, 4]),
        ])
        #expect(
            columns
                == "a.safetensors, \(Self.layer): has dora_scale [1, 4], a length for each column, should be one "
                + "for each row, [4, 1]; train it with lengths of rows (wd_on_output=True in LyCORIS)"
        )
        let kronecker = try message([
            zeros("lokr_w1", [2, 2]), zeros("lokr_w2", [2, 2]), zeros("dora_scale", [4, 1]),
        ])
        #expect(
            kronecker
                == "a.safetensors, \(Self.layer): is a LoKr with dora_scale, should be one without, or a LoRA with "
                + "it; train it without weight decomposition (dora_wd=False in LyCORIS), or as DoRA"
        )
    }

    @Test("values that are not finite, when they are read")
    func notFinite() throws {
        let tensors = try withTorchErrors {
            [
                ("\(Self.key).lora_A.weight", Tensor.full([2, 4], .nan)),
                ("\(Self.key).lora_B.weight", Tensor.zeros([4, 2])),
            ]
        }
        let file = try LoRAFile(path: scene.write("a", tensors))
        let error = #expect(throws: LoRAError.self) { try file.layers[0].factors() }
        #expect(
            error?.problem == "has values in lora_A that are not finite, should have none"
        )
        #expect(throws: LoRAError.self) { try file.layers[0].record() }
    }

    @Test("a writer that is not finished leaves nothing, and an older file stays")
    func unfinished() throws {
        let place = try scene.write("a", scene.lowRank([(Self.layer, 4, 4)]))
        let before = FileManager.default.contents(atPath: place)
        let entries = [LoRAEntry(Self.layer, "lora_A", .comfyUI, .float16, [1])]
        let error = #expect(throws: LoRAError.self) {
            let writer = try LoRAWriter(path: place, entries: entries, metadata: [:])
            try writer.write(withTorchErrors { .full([1], 1e6) })
        }
        #expect(error?.problem == "has values that are not finite as F16, should have none")
        #expect(scene.names == ["a.safetensors"])
        #expect(FileManager.default.contents(atPath: place) == before)
    }

    @Test("a cancelled writer leaves nothing")
    func cancelled() async throws {
        let place = scene.path("b")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            let entries = [LoRAEntry(Self.layer, "lora_A", .comfyUI, .float32, [1])]
            let writer = try LoRAWriter(path: place, entries: entries, metadata: [:])
            try writer.write(withTorchErrors { .full([1], 1) })
            try writer.finish()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(scene.names == [])
    }
}
