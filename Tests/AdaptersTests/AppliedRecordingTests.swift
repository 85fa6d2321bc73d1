import LTXModel
import Safetensors
import Testing
import Torch

@testable import Adapters

/// Files on the recorded model, beside what peft computes with them.
@Suite("Applied adapters and peft") struct AppliedRecordingTests {
    private func apply(
        _ names: [String],
        _ strengths: [PathwayStrengths],
        to transformer: Transformer
    ) throws -> AppliedAdapters {
        try AppliedAdapters(
            zip(names, strengths).map { (try AdapterFixture.file($0), $1) },
            on: AdaptedModel(layers: transformer.linears),
            device: .cpu,
            activations: .float32
        )
    }

    private func expect(_ found: StreamState, _ file: String, _ name: String) throws {
        let recorded = try AdapterFixture.file(file)
        let video = try Tensor(reading: name + ".video", from: recorded)
        let audio = try Tensor(reading: name + ".audio", from: recorded)
        #expect(try #require(found.video).relativeDifference(from: video) <= 1e-5, "\(name)")
        #expect(try #require(found.audio).relativeDifference(from: audio) <= 1e-5, "\(name)")
    }

    private func running(_ body: () throws -> Void) throws {
        try withTorchErrors { try withoutGradients(body) }
    }

    @Test("a file for all layers, around the blocks too, agrees", arguments: ["t2v", "i2v_own"])
    func everything(name: String) throws {
        try running {
            let transformer = try AdapterFixture.transformer()
            let applied = try apply(["ltx23_lora_all"], [.whole], to: transformer)
            #expect(applied.layerCount == transformer.linears.count)
            try expect(
                transformer(AdapterFixture.input(name)),
                "ltx23_lora_io",
                "all.out.\(name)"
            )
        }
    }

    @Test(
        "two files at strengths of their own agree, one of them below 0",
        arguments: ["t2v", "i2v_own"]
    )
    func two(name: String) throws {
        try running {
            let transformer = try AdapterFixture.transformer()
            let applied = try apply(
                ["ltx23_lora", "ltx23_lora_all"],
                [.whole, .whole],
                to: transformer
            )
            let input = try AdapterFixture.input(name)
            let whole = transformer(input)
            applied.strengths = [PathwayStrengths(0.7), PathwayStrengths(-0.4)]
            let found = transformer(input)
            try expect(found, "ltx23_lora_strengths_io", "two.\(name)")
            #expect(
                try #require(found.video).relativeDifference(from: #require(whole.video)) > 1e-2
            )
        }
    }

    @Test("strengths by part of the model agree", arguments: ["t2v", "i2v_own"])
    func split(name: String) throws {
        try running {
            let transformer = try AdapterFixture.transformer()
            let strengths = try PathwayStrengths(
                parsing: "video=1,audio=0.5,audio_to_video=0.3,video_to_audio=0.8,other=0.2",
                at: "test"
            )
            let applied = try apply(["ltx23_lora_all"], [strengths], to: transformer)
            try expect(
                transformer(AdapterFixture.input(name)),
                "ltx23_lora_strengths_io",
                "split.\(name)"
            )
            applied.isAttached = false
        }
    }

    @Test(
        "face and voice together are the whole of a file of the blocks; 0 is the base, bit by bit"
    )
    func faceAndVoice() throws {
        try running {
            let transformer = try AdapterFixture.transformer()
            let input = try AdapterFixture.input("i2v_own")
            let base = transformer(input)
            let applied = try apply(["ltx23_lora"], [.whole], to: transformer)
            let whole = transformer(input)
            func state(_ text: String) throws -> [[Float]] {
                applied.strengths = [try PathwayStrengths(parsing: text, at: "test")]
                return transformer(input).tensors.map { $0.floats() }
            }
            #expect(try state("0,face=1,voice=1") == whole.tensors.map { $0.floats() })
            #expect(try state("0") == base.tensors.map { $0.floats() })
            #expect(try state("face=0,voice=0,other=1") == base.tensors.map { $0.floats() })
            let face = try state("voice=0")
            #expect(face != whole.tensors.map { $0.floats() })
            applied.isAttached = false
            _ = try apply(
                ["ltx23_lora", "ltx23_lora"],
                [
                    PathwayStrengths(parsing: "face=0", at: ""),
                    PathwayStrengths(parsing: "voice=0", at: ""),
                ],
                to: transformer
            )
            #expect(
                transformer(input).tensors.map { $0.floats() } == whole.tensors.map { $0.floats() }
            )
        }
    }

    @Test("offloaded blocks take the adapters along")
    func offloaded() throws {
        try running {
            let path = "\(AdapterFixture.folder)/ltx23_single.safetensors"
            let offloading = BlockOffloading(device: .cpu, share: 1)
            let transformer = try Checkpoint(path: path)
                .transformer(dtype: .float32, device: .cpu, offloading: offloading)
            let applied = try apply(["ltx23_lora_all"], [.whole], to: transformer)
            try expect(
                transformer(AdapterFixture.input("t2v")),
                "ltx23_lora_io",
                "all.out.t2v"
            )
            #expect(!offloading.offloaded.isEmpty && applied.isAttached)
        }
    }

    @Test("names of diffusers are translated")
    func dialects() {
        #expect(DiffusersNames.transformerLayer("proj_in") == "patchify_proj")
        #expect(
            DiffusersNames.transformerLayer("time_embed.emb.timestep_embedder.linear_1")
                == "adaln_single.emb.timestep_embedder.linear_1"
        )
        #expect(
            DiffusersNames.transformerLayer("transformer_blocks.3.attn1.to_q")
                == "transformer_blocks.3.attn1.to_q"
        )
    }

    @Test("a network in training shows its samples at strengths by part")
    func network() throws {
        try running {
            let transformer = try AdapterFixture.transformer()
            let network = try AdapterFixture.network(transformer)
            try AdapterFile.load(AdapterFixture.file("ltx23_lora"), into: network)
            let input = try AdapterFixture.input("t2v")
            let whole = transformer(input).tensors.map { $0.floats() }
            let base = network.detached { transformer(input).tensors.map { $0.floats() } }
            network.pathwayStrengths = PathwayStrengths(0)
            #expect(transformer(input).tensors.map { $0.floats() } == base)
            network.pathwayStrengths = try PathwayStrengths(parsing: "0.5,voice=0.2", at: "")
            let found = transformer(input)
            network.pathwayStrengths = .whole
            #expect(transformer(input).tensors.map { $0.floats() } == whole)
            #expect(network.members.allSatisfy { $0.adapter.strength == 1 })
            network.isAttached = false
            let applied = try apply(
                ["ltx23_lora"],
                [PathwayStrengths(parsing: "face=0.5,voice=0.2", at: "")],
                to: transformer
            )
            for (x, y) in zip(found.tensors, transformer(input).tensors) {
                #expect(x.relativeDifference(from: y) < 1e-6)
            }
            applied.isAttached = false
        }
    }
}
