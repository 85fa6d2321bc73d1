import Foundation
import LTXModel
import RunConfig
import Safetensors
import Testing
import Torch
import Training

@testable import TrainingRun

/// Whole runs over frozen weights in 8 and 4 bits.
@Suite("Quantised runs", .serialized) struct QuantizedRunTests {
    private func file(_ scene: RunScene, _ steps: Int, _ lines: [String]) throws -> RunFile {
        try scene.runFile(steps, model: lines)
    }

    @Test(
        "a quantised run learns, and ten steps are five and five, bit for bit",
        arguments: ["qfloat8", "int8", "int4", "nf4"]
    )
    func tenIsFiveAndFive(qtype: String) async throws {
        let lines = ["quantize: true", "qtype: \(qtype)", "qtype_te: \(qtype)"]
        let scene = try RunScene()
        try scene.addClips(2)
        let result = try await scene.train(file(scene, 10, lines))
        let (losses, adapter) = (try scene.losses(), scene.bytes(result.adapter))
        #expect(losses.count == 10 && losses.joined().allSatisfy(\.isFinite))

        // A run's name is part of its seeds, so the second one takes the first one's place.
        try FileManager.default.removeItem(atPath: scene.folder + "/out")
        try await scene.train(file(scene, 5, lines))
        let resumed = try await scene.train(file(scene, 10, lines), resume: .latest)
        #expect(try losses == scene.losses())
        #expect(
            RunScene.tensors(adapter) == RunScene.tensors(scene.bytes(resumed.adapter))
        )
    }

    @Test("the losses of an int8 run are near the dense run's and not the same")
    func nearDense() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        try await scene.train(scene.runFile(3, name: "dense"))
        try await scene.train(scene.runFile(3, name: "int8", model: ["quantize: int8"]))
        let (dense, int8) = try (scene.losses("dense").joined(), scene.losses("int8").joined())
        for (a, b) in zip(dense, int8) { #expect(a != b && abs(a - b) < 0.02 * a) }
    }

    @Test(
        "blocks of codes can live in host memory: the same losses",
        arguments: ["qfloat8", "nf4"]
    )
    func offloaded(qtype: String) async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let lines = ["quantize: \(qtype)", "quantize_te: false"]
        try await scene.train(file(scene, 3, lines))
        let losses = try scene.losses()
        try FileManager.default.removeItem(atPath: scene.folder + "/out")
        let offloading = ["layer_offloading: true", "layer_offloading_transformer_percent: 1.0"]
        try await scene.train(file(scene, 3, lines + offloading))
        #expect(try losses == scene.losses())
    }

    @Test("a quantised text encoder has cache entries of its own, by format")
    func textCache() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        func encoded(_ name: String, _ lines: [String]) async throws -> Int {
            let count = PreparationCount()
            try await scene.train(scene.runFile(1, name: name, model: lines)) { count.count($0) }
            return count.texts
        }
        #expect(try await encoded("dense", []) > 0)
        #expect(try await encoded("int8", ["quantize_te: int8"]) > 0)
        #expect(try await encoded("again", ["quantize_te: int8"]) == 0)
        #expect(try await encoded("nf4", ["quantize_te: nf4"]) > 0)
        // The transformer's format changes nothing about texts.
        #expect(try await encoded("base", ["quantize: int8", "quantize_te: false"]) == 0)
    }

    @Test("the plan says what is kept how, and counts its bytes")
    func plan() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        func plan(_ lines: [String]) async throws -> RunPlan {
            try await RunPlanner(scene.runFile(1, model: lines)).plan()
        }
        let dense = try await plan([])
        let int8 = try await plan(["quantize: true", "qtype: int8", "qtype_te: nf4"])
        let nf4 = try await plan(["quantize: nf4"])
        #expect(dense.weightBytes > int8.weightBytes && int8.weightBytes > nf4.weightBytes)
        let text = int8.summary
        #expect(text.contains("blocks in int8, the rest and activations in float32"))
        #expect(text.contains("gemma, its layers in nf4"))
        #expect(dense.summary.contains("weights and activations in float32"))
        #expect(!text.contains("cannot do"))
    }

    @Test("an fp8 checkpoint is trained on as it is")
    func storedInFloat8() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try scene.storeInFloat8()
        let result = try await scene.train(scene.runFile(2))
        #expect(result.step == 2)
        let model = try Checkpoint(path: scene.folder + "/model/checkpoint.safetensors")
            .transformer(dtype: .float32, device: .cpu)
        #expect(model.blockLinears.allSatisfy { $0.weight is Float8Weight })
    }
}

extension RunScene {
    /// Casts the matrices of the transformer's blocks to float8, without scales.
    fileprivate func storeInFloat8() throws {
        let path = folder + "/model/checkpoint.safetensors"
        let file = try WeightFiles(path: path)
        let tensors = try file.names.map { name in
            let tensor = try Tensor(reading: name, from: #require(file.file(for: name)))
            let isMatrix = name.contains(".transformer_blocks.") && name.hasSuffix(".weight")
            let casts = isMatrix && tensor.rank == 2
            return (name: name, tensor: casts ? tensor.to(.float8E4M3) : tensor)
        }
        try TensorFile(tensors, metadata: file.metadata).write(to: path + ".new")
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".new", toPath: path)
    }
}
