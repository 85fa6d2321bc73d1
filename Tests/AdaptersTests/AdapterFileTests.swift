import Foundation
import LTXModel
import Safetensors
import Testing
import Torch

@testable import Adapters

/// Adapter files in ComfyUI's key form.
@Suite("Adapter files") struct AdapterFileTests {
    private func temporary() -> String {
        NSTemporaryDirectory() + "/likeness-adapter-\(UUID().uuidString).safetensors"
    }

    @Test("a recorded file comes back tensor by tensor under the same names")
    func recordedNames() throws {
        try withTorchErrors {
            let network = try AdapterFixture.network(AdapterFixture.transformer())
            let file = try AdapterFixture.file("ltx23_lora")
            try AdapterFile.load(file, into: network)
            let written = AdapterFile.tensors(of: network, dtype: .float32)
            #expect(Set(written.map(\.name)) == Set(file.names))
            for (name, tensor) in written {
                #expect(tensor.floats() == (try Tensor(reading: name, from: file)).floats())
            }
        }
    }

    @Test("a written file gives another network the same outputs; the scale lies in B")
    func roundTrip() throws {
        let path = temporary()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try withTorchErrors {
            try withoutGradients {
                let transformer = try AdapterFixture.transformer()
                let first = try AdapterFixture.network(transformer, scale: 0.5)
                let random = try RandomGenerator(seed: 3)
                for parameter in first.parameters {
                    parameter.copy(from: random.normal(parameter.shape) * 0.3)
                }
                let input = try AdapterFixture.input("t2v")
                let expected = try #require(transformer(input).video)
                try TensorFile(AdapterFile.tensors(of: first, dtype: .float32)).write(to: path)

                for scale in [0.5, 1, 2] {
                    let second = try AdapterFixture.network(transformer, scale: scale, seed: 8)
                    try AdapterFile.load(SafetensorsFile(path: path), into: second)
                    let found = try #require(transformer(input).video)
                    #expect(found.relativeDifference(from: expected) <= 1e-5)
                }
                let down = try Tensor(
                    reading: "diffusion_model.transformer_blocks.0.attn1.to_q.lora_B.weight",
                    from: SafetensorsFile(path: path)
                )
                #expect(down.relativeDifference(from: first.parameters[1] * 0.5) == 0)
            }
        }
    }

    @Test("files are written in the type that is asked for")
    func dtype() throws {
        try withTorchErrors {
            let network = try AdapterFixture.network(AdapterFixture.transformer())
            let tensors = AdapterFile.tensors(of: network, dtype: .bfloat16)
            #expect(tensors.count == 112)
            #expect(tensors.allSatisfy { $0.tensor.dtype == .bfloat16 })
            #expect(tensors.allSatisfy { $0.name.hasPrefix("diffusion_model.transformer_blocks.") })
        }
    }
}
