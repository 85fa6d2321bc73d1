import Foundation
import Safetensors
import Testing
import Torch

@testable import Adapters

/// Files of any spelling as the beginning of a network.
@Suite("Beginning with an adapter file") struct AdapterReadingTests {
    private static let path = "transformer_blocks.0.attn1.to_q"

    /// A layer under a real name.
    private func layer(_ path: String = Self.path, seed: UInt64 = 9) throws -> Linear {
        let random = try RandomGenerator(seed: seed)
        let weights = [
            "\(path).weight": random.normal([20, 24]) * 0.3, "\(path).bias": random.normal([20]),
        ]
        let reader = WeightReader(MemoryWeights(weights), named: "test", dtype: .float32)
        let scope = path.split(separator: ".").reduce(reader.root) { $0 / String($1) }
        let layer = Linear(scope, 24, 20)
        try reader.finish()
        return layer
    }

    private func network(_ layers: [Linear], _ recipe: AdapterRecipe, seed: UInt64 = 4) throws
        -> AdapterNetwork
    {
        let random = try RandomGenerator(seed: seed)
        return try AdapterNetwork(layers: layers, rules: AdapterRules()) {
            recipe.adapter(for: $0, random: random, device: .cpu, activations: .float32)
        }
    }

    private func move(_ network: AdapterNetwork) throws {
        let random = try RandomGenerator(seed: 6)
        withoutGradients {
            for parameter in network.parameters {
                parameter.add(random.normal(parameter.shape) * 0.2)
            }
        }
    }

    /// Writes a file, hands it to `use`, removes it.
    @discardableResult
    private func file<R>(
        _ tensors: [(name: String, tensor: Tensor)],
        _ use: (SafetensorsFile) throws -> R
    ) throws -> R {
        let path = NSTemporaryDirectory() + "/likeness-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try TensorFile(tensors).write(to: path)
        return try use(SafetensorsFile(path: path))
    }

    private func message(_ body: () throws -> Void) -> String {
        do { try body() } catch { return "\(error)" }
        return "nothing was refused"
    }

    @Test("what is written comes back, whatever the scale", arguments: AdapterSample.all)
    func roundTrip(sample: AdapterSample) throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try layer()
                let x = try RandomGenerator(seed: 5).normal([3, 24])
                let first = try network([layer], sample.recipe)
                try move(first)
                let expected = layer(x)
                try file(AdapterFile.tensors(of: first, dtype: .float32)) { file in
                    for scale in [0.5, 1, 2] {
                        var recipe = sample.recipe
                        recipe.scale = scale
                        let second = try network([layer], recipe, seed: 8)
                        #expect(layer(x).relativeDifference(from: expected) > 1e-2)
                        let beginning = try AdapterFile.load(file, into: second)
                        #expect(beginning == AdapterFile.Beginning(fresh: [], filled: 1))
                        #expect(layer(x).relativeDifference(from: expected) < 1e-6)
                        guard scale == 0.5 else { continue }
                        for (found, wanted) in zip(second.parameters, first.parameters) {
                            #expect(found.relativeDifference(from: wanted) < 1e-6)
                        }
                    }
                }
            }
        }
    }

    @Test(
        "a smaller rank is widened: the output stays, and every part can learn",
        arguments: AdapterSample.all.filter { [.lora, .dora, .loha].contains($0.recipe.kind) }
    )
    func widened(sample: AdapterSample) throws {
        try withTorchErrors {
            let layer = try layer()
            let x = try RandomGenerator(seed: 5).normal([3, 24])
            let narrow = try network([layer], sample.recipe)
            try move(narrow)
            let expected = withoutGradients { layer(x) }
            var recipe = sample.recipe
            recipe.rank = 3
            let wide = try file(AdapterFile.tensors(of: narrow, dtype: .float32)) { file in
                let wide = try network([layer], recipe, seed: 8)
                try AdapterFile.load(file, into: wide)
                return wide
            }
            #expect(withoutGradients { layer(x) }.relativeDifference(from: expected) < 1e-6)
            let y = recordingGradients { layer(x) }
            let found = gradients(of: [y], seeds: [.full([3, 20], 1)], for: wide.parameters)
            #expect(found.allSatisfy { $0 != nil })
        }
    }

    @Test("a LoKr over a rank begins a wider one, and a whole one")
    func widenedKronecker() throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try layer()
                let x = try RandomGenerator(seed: 5).normal([3, 24])
                var recipe = AdapterSample.recipe(.lokr) {
                    $0.kroneckerFactor = 1
                    $0.kroneckerIsFull = false
                }
                let narrow = try network([layer], recipe)
                try move(narrow)
                let expected = layer(x)
                try file(AdapterFile.tensors(of: narrow, dtype: .float32)) { file in
                    recipe.rank = 5
                    try AdapterFile.load(file, into: network([layer], recipe, seed: 8))
                    #expect(layer(x).relativeDifference(from: expected) < 1e-6)
                    recipe.kroneckerIsFull = true
                    try AdapterFile.load(file, into: network([layer], recipe, seed: 8))
                    #expect(layer(x).relativeDifference(from: expected) < 1e-6)
                }
            }
        }
    }

    /// Names of A, B and alpha in the ways of other programs, and whether they keep an alpha.
    private static let spellings: [(String, String, String?)] = [
        ("\(path).lora_A.weight", "\(path).lora_B.weight", nil),
        ("transformer.\(path).lora_A.weight", "transformer.\(path).lora_B.weight", nil),
        (
            "base_model.model.\(path).lora_A.default.weight",
            "base_model.model.\(path).lora_B.default.weight", nil
        ),
        (
            "base_model.model.transformer.\(path).lora_A.weight",
            "base_model.model.transformer.\(path).lora_B.weight", nil
        ),
        (
            "diffusion_model.\(path).lora_down.weight", "diffusion_model.\(path).lora_up.weight",
            "diffusion_model.\(path).alpha"
        ),
        (
            "lora_unet_transformer_blocks_0_attn1_to_q.lora_down.weight",
            "lora_unet_transformer_blocks_0_attn1_to_q.lora_up.weight",
            "lora_unet_transformer_blocks_0_attn1_to_q.alpha"
        ),
    ]

    @Test("LoRA is read in the spelling of every trainer", arguments: spellings.indices)
    func spelling(index: Int) throws {
        let (down, up, alpha) = Self.spellings[index]
        try withTorchErrors {
            try withoutGradients {
                let layer = try layer()
                let random = try RandomGenerator(seed: 5)
                let (a, b) = (random.normal([2, 24]), random.normal([20, 2]))
                let x = random.normal([3, 24])
                var tensors = [(name: down, tensor: a), (name: up, tensor: b)]
                if let alpha { tensors.append((alpha, .full([], 0.5))) }
                let network = try network([layer], AdapterSample.recipe(.lora))
                try file(tensors) { try AdapterFile.load($0, into: network) }
                let scale = alpha == nil ? 1 : 0.25
                let expected = layer.base(x) + x.linear(a).linear(b) * scale
                #expect(layer(x).relativeDifference(from: expected) < 1e-6)
            }
        }
    }

    @Test(
        "DoRA's magnitude is read under its three names",
        arguments: [
            "magnitude", "dora_scale", "lora_magnitude_vector", "lora_magnitude_vector.weight",
        ]
    )
    func magnitudes(name: String) throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try layer()
                let random = try RandomGenerator(seed: 5)
                let magnitude = random.uniform([20]) + 1
                let tensors = [
                    (name: "\(Self.path).lora_A.weight", tensor: random.normal([2, 24])),
                    (name: "\(Self.path).lora_B.weight", tensor: random.normal([20, 2])),
                    (
                        name: "\(Self.path).\(name)",
                        tensor: name == "dora_scale" ? magnitude.reshape(-1, 1) : magnitude
                    ),
                ]
                let network = try network([layer], AdapterSample.recipe(.dora))
                try file(tensors) { try AdapterFile.load($0, into: network) }
                #expect(network.parameters[2].floats() == magnitude.floats())
            }
        }
    }

    @Test("a LoRA begins a DoRA that does the same")
    func loraIntoDora() throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try layer()
                let x = try RandomGenerator(seed: 5).normal([3, 24])
                let lora = try network([layer], AdapterSample.recipe(.lora))
                try move(lora)
                let expected = layer(x)
                try file(AdapterFile.tensors(of: lora, dtype: .float32)) {
                    try AdapterFile.load($0, into: network([layer], AdapterSample.recipe(.dora)))
                }
                #expect(layer(x).relativeDifference(from: expected) < 1e-6)
            }
        }
    }

    @Test("LoKr is read with underscored names, both factors in parts, and an alpha")
    func oldKronecker() throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try layer()
                let random = try RandomGenerator(seed: 5)
                let name = "lycoris_transformer_blocks_0_attn1_to_q"
                let x = random.normal([3, 24])
                // 20 = 4 · 5, 24 = 4 · 6.
                let parts = [
                    ("lokr_w1_a", random.normal([4, 2])), ("lokr_w1_b", random.normal([2, 4])),
                    ("lokr_w2_a", random.normal([5, 2])), ("lokr_w2_b", random.normal([2, 6])),
                ]
                let tensors =
                    parts.map { (name: "\(name).\($0.0)", tensor: $0.1) }
                    + [(name: "\(name).alpha", tensor: Tensor.full([], 3))]
                let network = try network([layer], AdapterSample.recipe(.lokr))
                try file(tensors) { try AdapterFile.load($0, into: network) }
                let sample = AdapterSample(name: "", recipe: AdapterSample.recipe(.lokr))
                let matrix = sample.adaptedMatrix(
                    [parts[0].1.matmul(parts[1].1), parts[2].1.matmul(parts[3].1) * 1.5],
                    AdapterSample.matrix(of: layer)
                )
                let expected = x.to(.float64).linear(matrix, bias: layer.bias?.to(.float64))
                #expect(layer(x).relativeDifference(from: expected) < 1e-6)
            }
        }
    }

    @Test("layers that a file lacks begin at the base model and are named")
    func fresh() throws {
        try withTorchErrors {
            try withoutGradients {
                let layers = try [layer(), layer("transformer_blocks.1.ff.net.2", seed: 3)]
                let source = try network([layers[0]], AdapterSample.recipe(.lora))
                try move(source)
                try file(AdapterFile.tensors(of: source, dtype: .float32)) { file in
                    let both = try network(layers, AdapterSample.recipe(.lora))
                    let beginning = try AdapterFile.load(file, into: both)
                    #expect(beginning.fresh == ["transformer_blocks.1.ff.net.2"])
                    #expect(beginning.filled == 1)
                    let x = try RandomGenerator(seed: 5).normal([3, 24])
                    #expect(layers[1](x).floats() == layers[1].base(x).floats())
                }
            }
        }
    }

    @Test("what a network cannot take is refused with layer, reason and what to do")
    func refusals() throws {
        try withTorchErrors {
            try withoutGradients {
                let layer = try layer()
                let name = "diffusion_model.\(Self.path)"
                let random = try RandomGenerator(seed: 5)
                func lora(_ rank: Int, _ name: String) -> [(name: String, tensor: Tensor)] {
                    [
                        (name + ".lora_A.weight", random.normal([rank, 24])),
                        (name + ".lora_B.weight", random.normal([20, rank])),
                    ]
                }
                func refusal(
                    _ recipe: AdapterRecipe,
                    _ tensors: [(name: String, tensor: Tensor)]
                ) throws -> String {
                    let network = try network([layer], recipe)
                    return try file(tensors) { file in
                        message { try AdapterFile.load(file, into: network) }
                            .replacingOccurrences(of: file.path, with: "a.safetensors")
                    }
                }
                let plain = "use an adapter trained for this model and these layers"
                let recipe = AdapterSample.recipe(.lora)
                #expect(
                    try refusal(recipe, lora(8, name))
                        == "a.safetensors: \(Self.path) has rank 8, this network has 2; set its rank to 8, by network.linear, audio_linear or ranks"
                )
                #expect(
                    try refusal(AdapterSample.recipe(.lokr), lora(2, name))
                        == "a.safetensors: \(Self.path) is a LoRA, this network has a LoKr there; set network.type: lora, or use another file"
                )
                let others = (1...5).flatMap {
                    lora(2, "transformer.transformer_blocks.\($0).attn1.to_q")
                }
                #expect(
                    try refusal(recipe, lora(2, name) + others)
                        == "a.safetensors: has adapters of layers that this network does not adapt: transformer_blocks.1.attn1.to_q, transformer_blocks.2.attn1.to_q, transformer_blocks.3.attn1.to_q and 2 more; let network.pathways, only_if_contains and ignore_if_contains accept them, or \(plain)"
                )
                #expect(
                    try refusal(recipe, [(name + ".weight", random.normal([2]))])
                        == "a.safetensors: \(name).weight is no part of an adapter of a known kind; \(plain)"
                )
                #expect(
                    try refusal(recipe, Array(lora(2, name).prefix(1)))
                        == "a.safetensors: \(Self.path) lacks lora_B; \(plain)"
                )
                #expect(
                    try refusal(
                        recipe,
                        [lora(2, name)[0], (name + ".lora_B.weight", .zeros([7, 2]))]
                    )
                        == "a.safetensors: \(Self.path) has lora_B [7, 2], should be [20, 2]; \(plain)"
                )
                #expect(
                    try refusal(
                        AdapterSample.recipe(.dora),
                        lora(2, name) + [(name + ".dora_scale", .zeros([1, 24]))]
                    )
                        == "a.safetensors: \(Self.path) has a magnitude [1, 24], should be one number per output row, [20]; \(plain)"
                )
                let whole: [(name: String, tensor: Tensor)] = [
                    (name + ".lokr_w1", .zeros([4, 4])), (name + ".lokr_w2", .zeros([5, 6])),
                ]
                #expect(
                    try refusal(AdapterSample.recipe(.lokr) { $0.kroneckerIsFull = false }, whole)
                        == "a.safetensors: \(Self.path) has a whole second factor; set lokr_full_rank: true"
                )
                #expect(
                    try refusal(AdapterSample.recipe(.lokr) { $0.kroneckerFactor = 2 }, whole)
                        == "a.safetensors: \(Self.path) has lokr_w1 [4, 4], should be [2, 2]; use the file's lokr_factor"
                )
            }
        }
    }
}
