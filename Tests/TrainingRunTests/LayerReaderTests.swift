import Adapters
import Foundation
import Testing
import Torch

/// Adapters of every kind as ComfyUI's formulas and peft's modules read them.
@Suite("Adapters in other programs", .serialized) struct LayerReaderTests {
    private static let kinds: [(AdapterKind, isFull: Bool, factor: Int)] = [
        (.lora, false, -1), (.dora, false, -1), (.loha, false, -1), (.fullrank, false, -1),
        (.lokr, true, -1), (.lokr, false, -1), (.lokr, false, 4),
    ]

    /// Name, input and output of the layers.
    private static let layers = [
        ("transformer_blocks.0.attn1.to_q", 48, 48), ("transformer_blocks.0.ff.net.2", 64, 20),
        ("transformer_blocks.1.audio_ff.net.0.proj", 20, 96),
    ]

    @Test(
        "what a layer computes is what both readers make of the file",
        .enabled(
            if: ReferenceReader.python != nil,
            "needs the recorder's Python environment: tools/record-fixtures/make-environment.sh"
        )
    )
    func agrees() async throws {
        let folder = NSTemporaryDirectory() + "/likeness-layers-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let folders = Self.kinds.indices.map { "\(folder)/\($0)" }
        for (kind, place) in zip(Self.kinds, folders) {
            try FileManager.default.createDirectory(
                atPath: place,
                withIntermediateDirectories: true
            )
            var recipe = AdapterRecipe()
            recipe.kind = kind.0
            recipe.rank = 3
            recipe.scale = 0.5
            recipe.kroneckerIsFull = kind.isFull
            recipe.kroneckerFactor = kind.factor
            try write(recipe, to: place)
        }
        let (status, text) = try await ReferenceReader.answer(
            try #require(ReferenceReader.python),
            [ReferenceReader.tools + "/check_layers.py", "--tolerance", "2e-6"] + folders
        )
        let answers = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: [String: Any]]
        )
        #expect(status == 0, "\(text)")
        for (index, kind) in Self.kinds.enumerated() {
            let answer = try #require(answers["\(index)"])
            #expect(answer["kinds"] as? [String] == [kind.0.rawValue])
            #expect(answer["layers"] as? Int == Self.layers.count)
            #expect(answer["effect"] as? Double ?? 0 > 0.02)
        }
        print("evidence: adapters in other programs \(text)")
    }

    /// Layers with random adapters: their file, and what they compute.
    private func write(_ recipe: AdapterRecipe, to folder: String) throws {
        let random = try RandomGenerator(seed: 5)
        try withTorchErrors {
            var io: [(name: String, tensor: Tensor)] = []
            let layers = Self.layers.map { path, input, output in
                let weight = random.normal([output, input]) * 0.2
                let bias = random.normal([output])
                io += [(path + ".weight", weight), (path + ".bias", bias)]
                return Linear(path: path, weight: DenseWeight(weight), bias: bias)
            }
            let network = try AdapterNetwork(layers: layers, rules: AdapterRules()) {
                recipe.adapter(for: $0, random: random, device: .cpu, activations: .float32)
            }
            withoutGradients {
                for parameter in network.parameters {
                    parameter.add(random.normal(parameter.shape) * 0.1)
                }
                for layer in layers {
                    let x = random.normal([5, layer.inputCount])
                    io += [(layer.path + ".x", x), (layer.path + ".y", layer(x))]
                }
            }
            try TensorFile(io).write(to: folder + "/io.safetensors")
            try TensorFile(AdapterFile.tensors(of: network, dtype: .float32))
                .write(to: folder + "/adapter.safetensors")
        }
    }
}
