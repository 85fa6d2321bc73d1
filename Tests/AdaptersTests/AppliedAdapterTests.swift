import Foundation
import LTXModel
import Safetensors
import Testing
import Torch

@testable import Adapters

/// Adapter files that are used and not trained.
@Suite("Applied adapters") struct AppliedAdapterTests {
    private static let path = "transformer_blocks.0.attn1.to_q"

    /// A layer under a real name.
    private func layer(_ path: String = Self.path, _ format: WeightFormat? = nil) throws -> Linear {
        let random = try RandomGenerator(seed: 9)
        let weights = [
            "\(path).weight": random.normal([20, 24]) * 0.3, "\(path).bias": random.normal([20]),
        ]
        let reader = WeightReader(MemoryWeights(weights), named: "test", dtype: .float32) { _ in
            format
        }
        let scope = path.split(separator: ".").reduce(reader.root) { $0 / String($1) }
        let layer = Linear(scope, 24, 20)
        try reader.finish()
        return layer
    }

    /// A file with trained adapters of the sample's kind for a layer, and the adapted matrix in float64.
    private func file(_ sample: AdapterSample, seed: UInt64 = 6) throws
        -> (file: SafetensorsFile, matrix: Tensor)
    {
        let layer = try layer()
        let random = try RandomGenerator(seed: seed)
        let network = try AdapterNetwork(layers: [layer], rules: AdapterRules()) {
            sample.recipe.adapter(for: $0, random: random, device: .cpu, activations: .float32)
        }
        withoutGradients {
            for parameter in network.parameters {
                parameter.add(random.normal(parameter.shape) * 0.2)
            }
        }
        let matrix = sample.adaptedMatrix(network.parameters, AdapterSample.matrix(of: layer))
        return (try written(AdapterFile.tensors(of: network, dtype: .float32)), matrix.detach())
    }

    private func written(_ tensors: [(name: String, tensor: Tensor)]) throws -> SafetensorsFile {
        let path = NSTemporaryDirectory() + "/likeness-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try TensorFile(tensors).write(to: path)
        return try SafetensorsFile(path: path)  // mapped: it outlives its name
    }

    private func apply(
        _ files: [(file: SafetensorsFile, strengths: PathwayStrengths)],
        to layers: [Linear],
        elsewhere: [String] = []
    ) throws -> AppliedAdapters {
        try AppliedAdapters(
            files,
            on: AdaptedModel(layers: layers, elsewhere: elsewhere),
            device: .cpu,
            activations: .float32
        )
    }

    private func dense(_ matrix: Tensor, _ layer: Linear, _ x: Tensor) -> Tensor {
        x.to(.float64).linear(matrix, bias: layer.bias?.to(.float64)).to(.float32)
    }

    private func message(_ body: () throws -> Void) -> String {
        do { try body() } catch { return "\(error)" }
        return "nothing was refused"
    }

    @Test(
        "every kind at every strength is what the dense formula says",
        arguments: AdapterSample.all
    )
    func strengths(sample: AdapterSample) throws {
        try withTorchErrors {
            try withoutGradients {
                let (file, adapted) = try self.file(sample)
                let layer = try layer()
                let base = AdapterSample.matrix(of: layer).to(.float64)
                let x = try RandomGenerator(seed: 5).normal([2, 3, 24])
                let plain = layer(x).floats()
                let applied = try apply([(file, .whole)], to: [layer])
                for strength in [1, 0.3, 1.7, -0.5] {
                    applied.strengths = [PathwayStrengths(strength)]
                    let expected = dense(base + (adapted - base) * strength, layer, x)
                    #expect(layer(x).relativeDifference(from: expected) < 2e-6)
                }
                applied.strengths = [PathwayStrengths(0)]
                #expect(layer(x).floats() == plain)
                applied.strengths = [.whole]
                #expect(layer(x).floats() != plain)
                applied.detached { #expect(layer(x).floats() == plain) }
                #expect(layer(x).floats() != plain)
            }
        }
    }

    @Test("files of all kinds on one layer add up, in any order")
    func sums() throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try layer()
                let base = AdapterSample.matrix(of: layer).to(.float64)
                let made = try AdapterSample.all.enumerated().map { number, sample in
                    try self.file(sample, seed: UInt64(number + 20))
                }
                let shares = made.indices.map { 1 - 0.3 * Double($0) }
                let sum = zip(made, shares).reduce(base) { $0 + ($1.0.matrix - base) * $1.1 }
                let x = try RandomGenerator(seed: 5).normal([3, 24])
                let chosen = zip(made, shares).map {
                    (file: $0.file, strengths: PathwayStrengths($1))
                }
                let forth = try apply(chosen, to: [layer])
                #expect(layer(x).relativeDifference(from: dense(sum, layer, x)) < 2e-6)
                forth.isAttached = false
                _ = try apply(chosen.reversed(), to: [layer])
                #expect(layer(x).relativeDifference(from: dense(sum, layer, x)) < 2e-6)
            }
        }
    }

    @Test("a coded layer is adapted around its codes")
    func quantized() throws {
        try withTorchErrors {
            try withoutGradients {
                let (file, _) = try self.file(AdapterSample.all[0])
                let (plain, coded) = (try layer(), try layer(Self.path, .int8))
                #expect(coded.weight is any PackedWeight)
                let x = try RandomGenerator(seed: 5).normal([3, 24])
                let change = plain(x)
                let first = try apply([(file, PathwayStrengths(0.5))], to: [plain])
                let second = try apply([(file, PathwayStrengths(0.5))], to: [coded])
                let expected = coded.base(x) + (plain(x) - change)
                #expect(coded(x).relativeDifference(from: expected) < 2e-6)
                (first.isAttached, second.isAttached) = (false, false)
            }
        }
    }

    @Test("nothing of an applied file has gradients")
    func gradients() throws {
        try withTorchErrors {
            for sample in AdapterSample.all {
                let (file, _) = try withoutGradients { try self.file(sample) }
                let layer = try layer()
                let applied = try apply([(file, .whole)], to: [layer])
                let adapter = try #require(layer.adapter as? any TrainableAdapter)
                #expect(adapter.parameters.allSatisfy { !$0.requiresGradient }, "\(sample.name)")
                #expect(applied.layerCount == 1)
            }
        }
    }

    @Test(
        "layers that are elsewhere are no fault, unknown ones are named, a foreign file is called so"
    )
    func strangers() throws {
        try withTorchErrors {
            let layer = try layer()
            func zeros(_ layers: [String]) throws -> SafetensorsFile {
                try written(
                    layers.flatMap { name in
                        [
                            ("diffusion_model.\(name).lora_A.weight", Tensor.zeros([2, 24])),
                            ("diffusion_model.\(name).lora_B.weight", Tensor.zeros([20, 2])),
                        ]
                    }
                )
            }
            let mixed = try zeros([Self.path, "other.a", "other.b", "other.c", "other.d"])
            #expect(
                message { _ = try apply([(mixed, .whole)], to: [layer]) }
                    == "\(mixed.path): 1 of its layers are in this model, these are not: other.a, other.b, "
                    + "other.c and 1 more; use an adapter trained for this model and its version"
            )
            let foreign = try zeros(["unet.a"])
            #expect(
                message { _ = try apply([(foreign, .whole)], to: [layer]) }
                    == "\(foreign.path): is for another model, none of its layers is here: unet.a; use an "
                    + "adapter trained for this model"
            )
            let staged = try zeros([Self.path, "connector.a"])
            let applied = try apply([(staged, .whole)], to: [layer], elsewhere: ["connector.a"])
            #expect(applied.layerCount == 1)
            #expect(
                message {
                    _ = try apply([(staged, .whole)], to: [layer], elsewhere: ["connector.a"])
                }
                    == "\(Self.path): has an adapter already, should have none before files are applied; "
                    + "take that off first"
            )
        }
    }

    @Test(
        "parts that are missing or of other sizes are refused by name",
        arguments: [
            Damage([("lora_A.weight", [2, 24])], "lacks lora_B"),
            Damage(
                [("lora_A.weight", [2, 23]), ("lora_B.weight", [20, 2])],
                "has lora_A [2, 23], should be [2, 24]"
            ),
            Damage(
                [("lokr_w1", [4, 5]), ("lokr_w2", [5, 5])],
                "has factors [4, 5] and [5, 5], should multiply to [20, 24]"
            ),
            Damage([("alpha", [])], "has no parts of a known kind"),
        ]
    )
    func damaged(damage: Damage) throws {
        let tensors = damage.parts.map {
            ("diffusion_model.\(Self.path).\($0.0)", Tensor.full($0.1, 0))
        }
        let file = try written(tensors)
        let text = message {
            try withTorchErrors { _ = try apply([(file, .whole)], to: [layer()]) }
        }
        let end = "; use an adapter trained for this model and these layers"
        #expect(text == "\(file.path): \(Self.path) \(damage.problem)" + end)
    }

    @Test("a part of no known kind is refused, not dropped")
    func unknownPart() throws {
        let name = "diffusion_model.\(Self.path).diff_b"
        let file = try written([(name, Tensor.zeros([20]))])
        let text = message {
            try withTorchErrors { _ = try apply([(file, .whole)], to: [layer()]) }
        }
        #expect(text.hasPrefix("\(file.path): \(name) is no part of an adapter of a known kind; "))
    }

    struct Damage: Sendable {
        let parts: [(String, [Int])]
        let problem: String

        init(_ parts: [(String, [Int])], _ problem: String) {
            self.parts = parts
            self.problem = problem
        }
    }
}
