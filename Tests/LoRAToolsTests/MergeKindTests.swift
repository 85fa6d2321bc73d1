import Adapters
import LTXModel
import Safetensors
import Testing
import Torch

@testable import LoRATools

/// LoKrs that need a rank, and DoRAs of every spelling, through whole files.
@Suite("Merging, LoKr and DoRA")
struct MergeKindTests {
    private let scene: AdapterScene
    private static let path = "transformer_blocks.0.attn1.to_q"

    init() throws { scene = try AdapterScene(seed: 21) }

    // MARK: - LoKr

    private func kronecker() throws -> (path: String, dense: Tensor) {
        let (w1, w2) = try withTorchErrors { (scene.normal([4, 4]), scene.normal([16, 16])) }
        let key = "diffusion_model.\(Self.path)"
        let place = try scene.write("lokr", [("\(key).lokr_w1", w1), ("\(key).lokr_w2", w2)])
        return (place, try withTorchErrors { w1.kronecker(with: w2).to(.float64) })
    }

    private func lowRank() throws -> String {
        try scene.write("lora", scene.lowRank([(Self.path, 64, 64)], dtype: .float32))
    }

    /// Norm of the difference to the best matrix of a rank, over the norm.
    private func loss(_ dense: Tensor, _ rank: Int) throws -> Double {
        try withTorchErrors {
            let values = dense.singularValues().s.doubles()
            let rest = values.dropFirst(rank).reduce(0) { $0 + $1 * $1 }
            return (rest / values.reduce(0) { $0 + $1 * $1 }).squareRoot()
        }
    }

    @Test("a LoKr with a whole second factor is refused with what some ranks would lose")
    func kroneckerRefused() async throws {
        let ((lokr, dense), lora) = (try kronecker(), try lowRank())
        let error = await #expect(throws: MergeRefusal.self) {
            try await scene.merge([lora, lokr])
        }
        let told = try [8, 16, 32].map { "\($0) would lose \(try loss(dense, $0).percent)" }
        #expect(
            error?.description
                == "\(lokr): has LoKrs whose second factor is whole at 1 layers, so they have no small rank: rank "
                + told.joined(separator: ", ")
                + " of the change; choose one with --lokr-rank (lokr_rank in a merge job), or pick one file there"
        )
    }

    @Test("with a rank its exact error stands in report and file, and the result is the best one")
    func kroneckerRank() async throws {
        let ((lokr, dense), lora) = (try kronecker(), try lowRank())
        let (file, report) = try await scene.merge([lora, lokr]) { $0.kroneckerRank = 16 }
        let expected = try loss(dense, 16)
        let other = try denseChange(LoRAFile(path: lora).layers[0])
        let lost = try withTorchErrors {
            (try denseChange(file.layers[0]) - other).distance(from: dense)
        }
        #expect(abs(lost - expected) < 1e-6)
        let cut = try #require(report.truncations[1])
        #expect(abs(cut.share - expected) < 1e-6)
        #expect(report.truncations[0] == nil)
        #expect(
            report.text.contains(
                "lokr.safetensors: the rank that was chosen for its LoKrs leaves out \(expected.percent) of their change"
            )
        )
        let metadata = try #require(file.metadata["likeness_merge"])
        #expect(metadata.contains("\"lost\":\(cut.share.rounded(to: 6))"))
    }

    // MARK: - DoRA

    private let base = recording("ltx23_single.safetensors")

    /// A DoRA, the name under which it keeps its magnitude, and what it makes of the layer's matrix.
    private func dora(_ name: String, _ part: String, column: Bool) throws -> (
        path: String, change: Tensor
    ) {
        let checkpoint = try Checkpoint(path: base)
        let weight = try checkpoint.weights(.transformer).load(Self.path + ".weight")
        return try withTorchErrors {
            let matrix = weight.to(.float64)
            let (down, up) = (
                scene.normal([3, matrix.size(1)]), scene.normal([matrix.size(0), 3]) * 0.1
            )
            let sum = matrix + up.to(.float64).matmul(down.to(.float64))
            let rows = (sum * sum).sum([1]).squareRoot()
            let wanted = rows * (scene.normal([matrix.size(0)]).to(.float64) * 0.1).exp()
            let stored = wanted.to(.float32)
            let key = "diffusion_model.\(Self.path)"
            let place = try scene.write(
                name,
                [
                    ("\(key).lora_A.weight", down), ("\(key).lora_B.weight", up),
                    ("\(key).\(part)", column ? stored.unsqueeze(1) : stored),
                ]
            )
            return (place, sum * (wanted / rows).unsqueeze(1) - matrix)
        }
    }

    @Test("DoRAs are added exactly, those with dora_scale alone too")
    func magnitudes() async throws {
        let first = try dora("first", "dora_scale", column: true)
        let second = try dora("second", "lora_magnitude_vector", column: false)
        let file = try await scene.merge([first.path, second.path + ":0.5"]) {
            ($0.base, $0.dtype) = (base, .float32)
        }.file
        let layer = file.layers[0]
        #expect(layer.kind == .dora && layer.rank == 6)
        let weight = try Checkpoint(path: base).weights(.transformer).load(Self.path + ".weight")
        let distance = try withTorchErrors {
            let matrix = weight.to(.float64)
            let sum = matrix + (try denseChange(layer))
            let rows = (sum * sum).sum([1]).squareRoot()
            let magnitude = try layer.read("magnitude").to(.float64)
            let actual = sum * (magnitude / rows).unsqueeze(1) - matrix
            return actual.distance(from: first.change + second.change * 0.5)
        }
        #expect(distance < 1e-5)
    }

    @Test("ways for LoRAs are refused for a DoRA; the same fault of many layers is told once")
    func refused() async throws {
        let plain = try scene.adapter("plain")
        var tensors = try scene.lowRank(AdapterScene.layers, dtype: .float32)
        for layer in AdapterScene.layers {
            let key = "diffusion_model.\(layer.path).dora_scale"
            tensors.append((key, try withTorchErrors { scene.normal([layer.output, 1]) }))
        }
        let dora = try scene.write("dora", tensors)
        let error = await #expect(throws: MergeRefusal.self) {
            try await scene.merge([plain, dora])
        }
        #expect(
            error?.description
                == "\(dora), patchify_proj and 11 other layers: is a DoRA: its sum with others depends on the model's "
                + "own matrix; give the model with --base, or pick one file there"
        )
        let other = await #expect(throws: MergeRefusal.self) {
            try await scene.merge([plain, dora]) {
                ($0.modes, $0.base) = (MergeModes(MergeMode(.isolate)), base)
            }
        }
        #expect(
            other?.description.contains("is a DoRA, isolate is for LoRAs; use sum or pick") == true
        )
    }
}
