import Foundation
import LTXModel
import Safetensors
import Testing
import Torch

@testable import Adapters

/// The recorded model of LTX-2.3 with its inputs, and single layers made of given weights.
enum AdapterFixture {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/Verification/Recordings").path

    static func file(_ name: String) throws -> SafetensorsFile {
        try SafetensorsFile(path: "\(folder)/\(name).safetensors")
    }

    static func transformer() throws -> Transformer {
        try Checkpoint(path: "\(folder)/ltx23_single.safetensors")
            .transformer(dtype: .float32, device: .cpu)
    }

    /// Adapters of rank 4 on the layers of the recorded adapter: all of the blocks but the gates.
    static func network(
        _ transformer: Transformer,
        scale: Double = 1,
        seed: UInt64 = 1
    ) throws -> AdapterNetwork {
        var rules = AdapterRules()
        rules.ignoreIfContains = ["to_gate_logits"]
        let random = try RandomGenerator(seed: seed)
        return try AdapterNetwork(layers: transformer.blockLinears, rules: rules) { layer in
            LowRankAdapter(for: layer, rank: 4, scale: scale, random: random, device: .cpu)
        }
    }

    /// The recorded inputs of case `t2v` or `i2v_own`.
    static func input(_ name: String) throws -> TransformerInput {
        let recorded = try file("ltx23_transformer_io")
        func tensor(_ name: String) throws -> Tensor { try Tensor(reading: name, from: recorded) }
        func sigmas(_ name: String) throws -> Tensor {
            try tensor(name) / Tensor([1000] as [Float])
        }
        let image = name == "i2v_own"
        let perToken = try sigmas("in.timestep.i2v")
        let levels = NoiseLevels(
            perToken: (0..<2).map { perToken.select(0, $0).floats() },
            device: .cpu
        )
        let mask = try tensor("in.encoder_attention_mask")
        var input = try TransformerInput(
            video: ModalityInput(
                latent: tensor("in.hidden_states"),
                sigma: sigmas("in.sigma"),
                levels: image ? levels : nil,
                text: tensor("in.encoder_hidden_states"),
                textMask: mask
            ),
            audio: ModalityInput(
                latent: tensor("in.audio_hidden_states"),
                sigma: sigmas(image ? "in.audio_sigma" : "in.sigma"),
                text: tensor("in.audio_encoder_hidden_states"),
                textMask: mask
            ),
            grid: VideoGrid(frames: 3, height: 2, width: 3, fps: 24)
        )
        input.crossModulation = .own
        return input
    }

    /// A layer of width 6 to 5 called `transformer_blocks.0.attn1.to_q`.
    static func layer(dtype: DType = .float32) throws -> Linear {
        let random = try RandomGenerator(seed: 9)
        let source = MemoryWeights([
            "transformer_blocks.0.attn1.to_q.weight": random.normal([5, 6]),
            "transformer_blocks.0.attn1.to_q.bias": random.normal([5]),
        ])
        let reader = WeightReader(source, named: "test", dtype: dtype)
        let layer = Linear(reader.root / "transformer_blocks" / 0 / "attn1" / "to_q", 6, 5)
        try reader.finish()
        return layer
    }
}

/// Weights in memory.
final class MemoryWeights: WeightSource {
    private let tensors: [String: Tensor]

    init(_ tensors: [String: Tensor]) { self.tensors = tensors }

    var names: [String] { tensors.keys.sorted() }

    func shape(of name: String) -> [Int]? { tensors[name]?.shape }

    func load(_ name: String) throws -> Tensor { try #require(tensors[name]) }
}
