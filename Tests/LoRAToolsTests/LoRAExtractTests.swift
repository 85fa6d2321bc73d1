import Adapters
import Foundation
import LTXModel
import Safetensors
import Testing
import Torch

@testable import LoRATools

@Suite("Extracting") struct LoRAExtractTests {
    private let scene: AdapterScene
    private static let base = recording("ltx23_single.safetensors")

    init() throws { scene = try AdapterScene() }

    /// The recorded model with changes to some tensors.
    private func tuned(_ change: (String, Tensor) -> Tensor?) throws -> String {
        let file = try SafetensorsFile(path: Self.base)
        let tensors = try withTorchErrors {
            try file.names.map { name in
                let tensor = try Tensor(reading: name, from: file)
                return (
                    name,
                    change(name.replacing("model.diffusion_model.", with: ""), tensor) ?? tensor
                )
            }
        }
        return try scene.write("tuned", tensors, metadata: file.metadata)
    }

    @Test("a change of low rank comes back, and what else differs is named")
    func lowRank() throws {
        let wanted = "transformer_blocks.1.attn1.to_q"
        var change: Tensor?
        let tuned = try tuned { name, tensor in
            switch name {
            case wanted + ".weight":
                let added = scene.normal([tensor.size(0), 2]).matmul(
                    scene.normal([2, tensor.size(1)])
                )
                change = (tensor + added).to(.float64) - tensor.to(.float64)
                return tensor + added
            case "transformer_blocks.0.attn1.to_q.bias", "proj_out.weight": return tensor + 1
            default: return nil
            }
        }
        let outcome = try LoRAExtract(rank: 2, dtype: .float32)
            .write(base: Self.base, tuned: tuned, to: scene.path("out"))
        #expect(outcome.layers == 1 && outcome.equal == 67)
        #expect(
            outcome.othersThatDiffer == ["proj_out.weight", "transformer_blocks.0.attn1.to_q.bias"]
        )
        #expect(outcome.error.total < 1e-6)
        let result = try LoRAFile(path: scene.path("out"))
        #expect(result.layers.map(\.path) == [wanted] && result.version == .ltx23)
        #expect(result.metadata["extracted_from"] == "tuned.safetensors")
        let made = try denseChange(result.layers[0])
        let whole = try #require(change)
        #expect(try length(withTorchErrors { whole - made }) < 1e-6 * length(whole))
    }

    @Test("subspace iteration finds what the exact way finds, and its error is the true one")
    func randomised() throws {
        let difference = try withTorchErrors {
            // Values fall slowly, as those of trained differences do.
            let left = scene.normal([90, 60]).orthogonalTriangular().q
            let right = scene.normal([70, 60]).orthogonalTriangular().q
            let values = (Tensor.range(to: 60) * -0.1).exp()
            return (left * values).matmul(right.transpose(0, 1))
        }
        let exact = try LoRAExtract(8, .float32, exactUpTo: 512).part(of: difference)
        let quick = try LoRAExtract(8, .float32, exactUpTo: 4).part(of: difference)
        #expect(abs(quick.lost - exact.lost) < 1e-4 * exact.lost)
        #expect(abs(quick.whole - exact.whole) < 1e-6 * exact.whole)
        for found in [exact, quick] {
            let rest = try withTorchErrors {
                difference.to(.float64) - found.factors.up.matmul(found.factors.down)
            }
            #expect(try abs(pow(length(rest), 2) - found.lost) < 1e-6 * found.whole)
        }
    }

    @Test("equal models, other versions and quantised ones are refused, and nothing is written")
    func refusals() throws {
        func message(_ base: String, _ tuned: String) -> String {
            do {
                try LoRAExtract(rank: 2).write(base: base, tuned: tuned, to: scene.path("out"))
                return "no error"
            } catch {
                return "\(error)".replacing(recording("") + "/", with: "").replacing(
                    recording(""),
                    with: ""
                )
            }
        }
        let copy = try tuned { _, _ in nil }
        #expect(
            message(Self.base, copy)
                == "\(copy): has the same matrices in its blocks as ltx23_single.safetensors, some should "
                + "differ; give the fine-tuned checkpoint as TUNED"
        )
        #expect(
            message(recording("ltx20_single.safetensors"), copy)
                == "\(copy): is LTX-2.3 and ltx20_single.safetensors is LTX-2.0, should be one version; "
                + "give the model that was fine-tuned as BASE"
        )
        let quantised = message(Self.base, recording("ltx23_fp8.safetensors"))
        #expect(quantised.hasSuffix("should be bfloat16 or wider; use the unquantised checkpoint"))
        #expect(scene.names == ["tuned.safetensors"])
    }
}
