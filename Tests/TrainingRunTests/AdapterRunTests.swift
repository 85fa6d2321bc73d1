import Adapters
import Foundation
import RunConfig
import Safetensors
import Testing
import Training
import TrainingRun

/// Runs with adapters of every kind, and runs that begin with an adapter file.
@Suite("Adapters of a run", .serialized) struct AdapterRunTests {
    /// What preparation told of the adapters.
    private final class Told {
        var attached: (layers: Int, values: Int)?
        var begun: (file: String, layers: Int, fresh: [String])?

        func hear(_ event: PreparationEvent) {
            switch event {
            case .attached(let layers, let values): attached = (layers, values)
            case .begun(let file, let layers, let fresh): begun = (file, layers, fresh)
            default: break
            }
        }
    }

    @Test(
        "the plan knows kind and number of values before a weight is read",
        arguments: [
            (
                "type: lora, linear: 4, audio_linear: 2, ranks: {attn1: 8, audio_attn1: 6}",
                "LoRA of rank 4 (2 where sound is made, 8 in attn1, 6 in audio_attn1), scale 1"
            ),
            ("type: dora, linear: 4", "DoRA of rank 4, scale 1"),
            ("type: lokr", "LoKr of factor the most balanced, second factor whole"),
            (
                "type: lokr, lokr_factor: 2, lokr_full_rank: false, linear: 2",
                "LoKr of factor 2, second factor of rank 2, scale 1"
            ),
            ("type: loha, linear: 4", "LoHa of rank 4, scale 1"),
            ("type: fullrank", "full difference"),
            (
                "type: lora, linear: 4, network_kwargs: {full_if_contains: [to_gate], parameter_threshold: 100}",
                "LoRA of rank 4, scale 1"
            ),
        ]
    )
    func sizes(network: String, title: String) async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let file = try scene.runFile(1, network: "{\(network)}")
        let told = Told()
        let plan = try await RunPlanner(file).plan()
        let result = try await scene.train(file, watch: told.hear)
        let attached = try #require(told.attached)
        let line = "\(title): \(attached.layers) layers, \(attached.values) values"
        #expect(plan.summary.contains(line), "\(plan.summary)")
        let kinds = try SafetensorsFile(path: result.adapter).metadata["adapter"]
        #expect(kinds == file.network?.type.rawValue)
    }

    @Test(
        "a run that begins with a file stands where the file's run ended",
        arguments: ["lora", "dora", "lokr", "loha", "fullrank"]
    )
    func begins(kind: String) async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        let network = "type: \(kind), linear: 4"
        let first = try await scene.train(scene.runFile(3, network: "{\(network)}"))
        let told = Told()
        let second = try await scene.train(
            scene.runFile(
                1,
                network: "{\(network), pretrained_lora_path: \(first.adapter)}",
                name: "second"
            ),
            watch: told.hear
        )
        let (ended, begun) = try (#require(first.after), #require(second.before))
        #expect(abs(begun.video / ended.video - 1) < 1e-5)
        #expect(abs((begun.audio ?? 0) / (ended.audio ?? 1) - 1) < 1e-5)
        #expect(abs(begun.video / (try #require(first.before).video) - 1) > 1e-4)
        #expect(told.begun?.layers == 68 && told.begun?.fresh == [])
        #expect(told.begun?.file == first.adapter)
    }

    @Test("a LoRA begins a DoRA and a wider LoRA; layers that it lacks are named")
    func widened() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        let rules = "network_kwargs: {ignore_if_contains: [to_gate_logits]}"
        let first = try await scene.train(
            scene.runFile(3, network: "{type: lora, linear: 4, \(rules)}")
        )
        for network in ["type: dora, linear: 4", "type: lora, linear: 6"] {
            let told = Told()
            let name = network.contains("dora") ? "dora" : "wide"
            let second = try await scene.train(
                scene.runFile(
                    1,
                    network: "{\(network), pretrained_lora_path: \(first.adapter)}",
                    name: name
                ),
                watch: told.hear
            )
            let (ended, begun) = try (#require(first.after), #require(second.before))
            #expect(abs(begun.video / ended.video - 1) < 1e-5)
            #expect(told.begun?.layers == 56 && told.begun?.fresh.count == 12)
            #expect(told.begun?.fresh.allSatisfy { $0.contains("to_gate_logits") } == true)
        }
        let error = await #expect(throws: AdapterError.self) {
            try await scene.train(
                scene.runFile(
                    1,
                    network: "{type: lora, linear: 2, pretrained_lora_path: \(first.adapter)}",
                    name: "narrow"
                )
            )
        }
        #expect(
            "\(error.map { "\($0)" } ?? "")"
                == "\(first.adapter): transformer_blocks.0.attn1.to_q has rank 4, this network has 2; set its rank to 4, by network.linear, audio_linear or ranks"
        )
    }
}
