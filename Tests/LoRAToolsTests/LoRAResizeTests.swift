import Adapters
import Foundation
import Safetensors
import Testing
import Torch

@testable import LoRATools

@Suite("Resizing") struct LoRAResizeTests {
    private let scene: AdapterScene
    private static let layers = [
        ("transformer_blocks.0.attn1.to_q", 24, 20),
        ("transformer_blocks.0.audio_ff.net.2", 18, 30),
    ]

    init() throws { scene = try AdapterScene() }

    private func source(rank: Int = 8, alpha: Double? = nil, dialect: KeyDialect = .comfyUI) throws
        -> LoRAFile
    {
        let tensors = try scene.lowRank(
            Self.layers,
            rank: rank,
            dialect: dialect,
            dtype: .float64,
            alpha: alpha
        )
        return try LoRAFile(path: scene.write("source", tensors))
    }

    /// The nearest matrix of a rank, from the SVD of the whole matrix.
    private func nearest(_ matrix: Tensor, rank: Int) throws -> Tensor {
        try withTorchErrors {
            let (u, s, vt) = matrix.singularValues()
            return (u.narrow(1, from: 0, count: rank) * s.narrow(0, from: 0, count: rank))
                .matmul(vt.narrow(0, from: 0, count: rank))
        }
    }

    @Test(
        "the result is the truncated SVD of the whole matrix, in float64 to 1e-13",
        arguments: [1, 3, 7]
    )
    func optimal(rank: Int) throws {
        let source = try source(alpha: 4, dialect: .kohya)
        let outcome = try LoRAResize(.rank(rank)).write(source, to: scene.path("out"))
        let result = try LoRAFile(path: scene.path("out"))
        #expect(outcome.ranks == rank...rank && outcome.resized == 2)
        #expect(result.metadata["rank"] == "\(rank)")
        for ((before, after), told) in zip(
            zip(source.layers, result.layers),
            outcome.error.byPathway
        ) {
            #expect(after.rank == rank && after.alpha == nil)
            let whole = try denseChange(before)
            let (best, made) = (try nearest(whole, rank: rank), try denseChange(after))
            #expect(try length(withTorchErrors { best - made }) < 1e-13 * length(whole))
            let lost = try length(withTorchErrors { whole - made }) / length(whole)
            #expect(told.pathway == before.pathway && abs(told.error - lost) < 1e-12)
        }
    }

    @Test("an energy takes the smallest rank that keeps it, layer by layer")
    func energy() throws {
        let source = try source()
        let outcome = try LoRAResize(.energy(0.9)).write(source, to: scene.path("out"))
        for (before, after) in zip(source.layers, try LoRAFile(path: scene.path("out")).layers) {
            let whole = try denseChange(before)
            let rank = try #require(after.rank)
            func lost(_ rank: Int) throws -> Double {
                let best = try nearest(whole, rank: rank)
                return try pow(length(withTorchErrors { whole - best }) / length(whole), 2)
            }
            #expect(try lost(rank) <= 0.1)
            #expect(try lost(rank - 1) > 0.1)
        }
        #expect(outcome.error.total <= 0.1.squareRoot())
    }

    @Test("ranks never grow: what is small enough is copied byte by byte")
    func small() throws {
        let source = try source()
        let outcome = try LoRAResize(.rank(8)).write(source, to: scene.path("out"))
        #expect(outcome.kept == 2 && outcome.resized == 0 && outcome.error.total == 0)
        let result = try LoRAFile(path: scene.path("out"))
        for name in source.file.names {
            #expect(
                result.file.withBytes(of: name) { Array($0) }
                    == source.file.withBytes(of: name) { Array($0) }
            )
        }
    }

    @Test("a layer that does nothing goes to rank 1 and still does nothing")
    func dead() throws {
        let key = "diffusion_model.transformer_blocks.0.attn1.to_q"
        let tensors = try withTorchErrors {
            [
                ("\(key).lora_A.weight", scene.normal([4, 8])),
                ("\(key).lora_B.weight", Tensor.zeros([8, 4])),
            ]
        }
        let file = try LoRAFile(path: scene.write("a", tensors))
        _ = try LoRAResize(.energy(0.99)).write(file, to: scene.path("out"))
        let layer = try LoRAFile(path: scene.path("out")).layers[0]
        #expect(try layer.rank == 1 && length(denseChange(layer)) == 0)
    }

    @Test("a file without LoRA layers is refused")
    func otherKinds() throws {
        let tensors = try withTorchErrors {
            [("diffusion_model.transformer_blocks.0.attn1.to_q.diff", scene.normal([4, 4]))]
        }
        let file = try LoRAFile(path: scene.write("a", tensors))
        let error = #expect(throws: LoRAError.self) {
            try LoRAResize(.rank(1)).write(file, to: scene.path("out"))
        }
        #expect(
            error?.problem == "has no plain LoRA layers, which are those that can be resized"
                && error?.fix == "use a LoRA file"
        )
    }
}
