import Adapters
import Foundation
import LoRATools
import Safetensors
import Testing
import Torch

/// A folder for a test's adapter files, gone afterwards.
final class AdapterScene {
    let folder: String
    private let random: RandomGenerator

    init(seed: UInt64 = 5) throws {
        folder = NSTemporaryDirectory() + "likeness-lora-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        random = try RandomGenerator(seed: seed)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { "\(folder)/\(name).safetensors" }

    func normal(_ shape: [Int]) -> Tensor { random.normal(shape) }

    /// Files that are in the folder, hidden ones too.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    @discardableResult
    func write(
        _ name: String,
        _ tensors: [(name: String, tensor: Tensor)],
        metadata: [String: String] = [:]
    ) throws -> String {
        let place = path(name)
        try TensorFile(tensors, metadata: metadata).write(to: place)
        return place
    }

    /// A and B of layers, named as a dialect does.
    func lowRank(
        _ layers: [(path: String, input: Int, output: Int)],
        rank: Int = 3,
        dialect: KeyDialect = .comfyUI,
        dtype: DType = .bfloat16,
        alpha: Double? = nil
    ) throws -> [(name: String, tensor: Tensor)] {
        try withTorchErrors {
            layers.flatMap { layer in
                var tensors = [
                    (dialect.key(layer.path, "lora_A"), normal([rank, layer.input]).to(dtype)),
                    (dialect.key(layer.path, "lora_B"), normal([layer.output, rank]).to(dtype)),
                ]
                if let alpha {
                    tensors.append((dialect.key(layer.path, "alpha"), .full([], alpha)))
                }
                return tensors
            }
        }
    }

    /// A layer of each stream, of both cross attentions, around the blocks and of a connector.
    static let layers: [(path: String, input: Int, output: Int)] = [
        ("patchify_proj", 6, 8), ("adaln_single.linear", 8, 72),
        ("video_embeddings_connector.transformer_1d_blocks.0.attn1.to_q", 8, 8),
        ("audio_embeddings_connector.transformer_1d_blocks.1.ff.net.2", 16, 4),
        ("transformer_blocks.0.attn1.to_q", 8, 8), ("transformer_blocks.0.attn2.to_out.0", 8, 8),
        ("transformer_blocks.0.audio_attn1.to_v", 4, 4),
        ("transformer_blocks.0.audio_to_video_attn.to_k", 4, 4),
        ("transformer_blocks.1.video_to_audio_attn.to_q", 4, 4),
        ("transformer_blocks.1.ff.net.0.proj", 8, 32),
        ("transformer_blocks.1.audio_ff.net.2", 16, 4),
        ("audio_proj_out", 4, 6),
    ]
}

/// Recordings of the repository.
func recording(_ name: String) -> String {
    URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/Verification/Recordings/\(name)").path
}
