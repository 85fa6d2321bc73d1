import LTXModel
import Safetensors
import Testing
import Torch

@testable import Adapters

/// Against outputs and gradients of an adapter made by peft.
@Suite("Recorded adapter") struct RecordedAdapterTests {
    private func adapted() throws -> (Transformer, AdapterNetwork) {
        let transformer = try AdapterFixture.transformer()
        let network = try AdapterFixture.network(transformer)
        try AdapterFile.load(AdapterFixture.file("ltx23_lora"), into: network)
        return (transformer, network)
    }

    private func recorded(_ name: String) throws -> Tensor {
        try Tensor(reading: name, from: AdapterFixture.file("ltx23_lora_io"))
    }

    @Test("the adapted model's outputs agree with the reference", arguments: ["t2v", "i2v_own"])
    func outputs(name: String) throws {
        try withTorchErrors {
            try withoutGradients {
                let (transformer, network) = try adapted()
                let input = try AdapterFixture.input(name)
                let found = transformer(input)
                let video = try recorded("out.\(name).video")
                #expect(try #require(found.video).relativeDifference(from: video) <= 1e-4)
                let audio = try recorded("out.\(name).audio")
                #expect(try #require(found.audio).relativeDifference(from: audio) <= 1e-4)

                let base = network.detached { transformer(input) }
                #expect(try #require(base.video).relativeDifference(from: video) > 1e-2)
            }
        }
    }

    @Test("the gradients of its matrices agree with the reference")
    func gradientsAgree() throws {
        try withTorchErrors {
            let (transformer, network) = try adapted()
            let input = try AdapterFixture.input("i2v_own")
            let loss = try recordingGradients {
                let found = transformer(input)
                let errors = try [
                    #require(found.video) - recorded("train.target.video"),
                    #require(found.audio) - recorded("train.target.audio"),
                ]
                let losses = errors.map { ($0 * $0).mean() }
                #expect(
                    losses[0].reshape(1).relativeDifference(from: try recorded("train.loss.video"))
                        <= 1e-4
                )
                #expect(
                    losses[1].reshape(1).relativeDifference(from: try recorded("train.loss.audio"))
                        <= 1e-4
                )
                return losses[0] + losses[1]
            }
            let all = gradients(of: [loss], seeds: [Tensor.full([], 1)], for: network.parameters)
            let names = network.members.flatMap { member in
                member.adapter.parameterNames.map { "grad.\(member.layer.path).\($0)" }
            }
            var compared = 0
            let file = try AdapterFixture.file("ltx23_lora_io")
            for (name, gradient) in zip(names, all) where file.info(name) != nil {
                let found = try #require(gradient)
                #expect(found.relativeDifference(from: try recorded(name)) <= 1e-3, "\(name)")
                compared += 1
            }
            #expect(compared == 10)
        }
    }
}
