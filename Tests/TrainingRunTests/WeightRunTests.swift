import Foundation
import LTXModel
import RunConfig
import Safetensors
import Testing
import Torch
import Training
import TrainingRun

/// Runs without a `network` section.
@Suite("Runs that train the transformer itself", .serialized) struct WeightRunTests {
    @Test("it trains, and what is saved loads as a checkpoint with other weights")
    func trains() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        var told: (weights: Int, values: Int)?
        let file = try scene.runFile(
            20,
            network: nil,
            save: "{save_every: 5, max_step_saves_to_keep: 2, dtype: fp32}"
        )
        let result = try await scene.train(file) { event in
            if case .unfrozen(let weights, let values) = event { told = (weights, values) }
        }
        let before = try #require(result.before)
        let after = try #require(result.after)
        #expect(after.video < before.video * 0.95, "\(before.video) \(after.video)")
        #expect(try #require(after.audio) < #require(before.audio))
        let base = try Checkpoint(path: scene.folder + "/model/checkpoint.safetensors")
        let saved = try Checkpoint(path: result.adapter)
        #expect(try saved.transformerConfiguration == base.transformerConfiguration)
        let (first, last) = try (base.weights(.transformer), saved.weights(.transformer))
        #expect(first.names == last.names && told?.weights == first.names.count)
        let name = "transformer_blocks.0.attn1.to_q.weight"
        #expect(try first.load(name).to(.float32).floats() != last.load(name).floats())
        let names = try FileManager.default.contentsOfDirectory(atPath: scene.folder + "/out/run")
        let steps = names.filter { $0.hasPrefix("run_0") }.sorted()
        #expect(steps == ["run_000000010.safetensors", "run_000000015.safetensors"])

        // The saved model is the transformer of a further run; the other parts are the base's.
        let further = try scene.runFile(
            1,
            network: nil,
            name: "further",
            model: ["extras_name_or_path: \(scene.folder)/model/checkpoint.safetensors"],
            checkpoint: result.adapter
        )
        let again = try await scene.train(further)
        #expect(try abs(#require(again.before).video - after.video) < 1e-6)
    }

    @Test(
        "five and five steps are ten, bit for bit, in bfloat16 too",
        arguments: [("fp32", "adamw"), ("bf16", "adafactor"), ("bf16", "prodigy")]
    )
    func tenIsFiveAndFive(dtype: String, optimizer: String) async throws {
        func run(_ scene: RunScene, _ steps: Int, _ resume: ResumePoint? = nil) async throws
            -> String
        {
            let lines = ["optimizer: \(optimizer)"]
            let file = try scene.runFile(steps, train: lines, network: nil, dtype: dtype)
            return try await scene.train(file, resume: resume).adapter
        }
        let whole = try RunScene()
        try whole.addClips(2)
        let expected = try await run(whole, 10)
        let parts = try RunScene()
        try parts.addClips(2)
        _ = try await run(parts, 5)
        let found = try await run(parts, 10, .latest)
        #expect(try whole.losses() == parts.losses())
        #expect(RunScene.tensors(whole.bytes(expected)) == RunScene.tensors(parts.bytes(found)))
    }

    @Test("gains on held-out clips count from the model before the first step")
    func heldOut() async throws {
        let scene = try RunScene()
        try scene.addClips(3)
        let lines = ["validation_split: 0.34", "held_out_every: 5"]
        let result = try await scene.train(scene.runFile(10, train: lines, network: nil))
        let held = try #require(result.heldOut)
        #expect(held.base.video != held.adapted.video && held.faceGain != 0)
    }

    @Test("the plan says what is trained, when it is stepped, and what it costs")
    func summary() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        func lines(_ train: [String], model: [String] = []) async throws -> [String] {
            let file = try scene.runFile(3, train: train, network: nil, model: model)
            let text = try await RunPlanner(file).plan().summary
            return text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let plain = try await lines([])
        #expect(plain.contains { $0.hasPrefix("trained   the transformer itself: all ") })
        #expect(
            plain.contains(
                "gradients the optimizer steps each block as soon as its gradients are there, so max_grad_norm "
                    + "1.0 limits each block's norm, not that of all"
            ),
            "\(plain)"
        )
        #expect(plain.contains { $0.hasPrefix("files     each saved model ") })
        #expect(
            plain.contains { line in
                line.hasPrefix("memory")
                    && [" model, ", " optimizer, ", " gradients, "].allSatisfy(line.contains)
            },
            "\(plain)"
        )
        let few = try await lines([], model: ["only_if_contains: [attn1]"])
        #expect(
            few.contains {
                $0.hasPrefix("trained   the transformer itself: ") && !$0.contains("all")
            }
        )
        let reasons = [
            (["gradient_accumulation: 2"], "gradient_accumulation is above 1"),
            (["optimizer: prodigy"], "prodigy needs all gradients in one step"),
            (["ema_config: {use_ema: true}"], "ema_config keeps a mean of the weights"),
        ]
        for (train, reason) in reasons {
            let found = try await lines(train)
            #expect(
                found.contains { $0.hasPrefix("gradients collected, because \(reason): ") },
                "\(found)"
            )
        }
    }

    @Test(
        "what needs adapters or a frozen model is refused before anything is read",
        arguments: [
            (
                "train", "blank_prompt_preservation: true",
                "train.blank_prompt_preservation: needs the frozen base model as a teacher, and without a "
                    + "network section the transformer itself is trained; remove it, or add a network section"
            ),
            (
                "train", "voice_preservation: true",
                "train.voice_preservation: needs the frozen base model as a teacher, and without a network "
                    + "section the transformer itself is trained; remove it, or add a network section"
            ),
            (
                "train", "train_text_encoder: true",
                "train.train_text_encoder: trains adapters of the text connectors, and without a network "
                    + "section the transformer itself is trained; remove it, or add a network section"
            ),
            (
                "dataset", "prior_reg: true",
                "datasets[0].prior_reg: needs the frozen base model as a teacher, and without a network "
                    + "section the transformer itself is trained; remove it, or add a network section"
            ),
            (
                "dataset", "network_weight: 0.5",
                "datasets[0].network_weight: is the strength of adapters, and without a network section the "
                    + "transformer itself is trained; use loss_multiplier, or add a network section"
            ),
            (
                "model", "quantize: true",
                "model.quantize: makes codes of the weights, which cannot be trained, and without a network "
                    + "section the transformer itself is trained; write quantize: false, or add a network section"
            ),
            (
                "model", "layer_offloading: true",
                "model.layer_offloading: moves weights that do not change, and without a network section the "
                    + "transformer itself is trained; write layer_offloading: false, or add a network section"
            ),
        ]
    )
    func refusals(section: String, line: String, message: String) async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let file = try scene.runFile(
            3,
            train: section == "train" ? [line] : [],
            dataset: ["do_audio: true"] + (section == "dataset" ? [line] : []),
            network: nil,
            model: section == "model" ? [line] : []
        )
        let error = await #expect(throws: ConfigError.self) { try await RunPlanner(file).plan() }
        let found = error?.errors.map { "\($0.path): \($0.message); \($0.fix)" } ?? []
        #expect(found.contains(message), "\(found)")
    }

    @Test("half precision is refused")
    func halfPrecision() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let file = try scene.runFile(3, network: nil, dtype: "fp16")
        let error = await #expect(throws: ConfigError.self) { try await RunPlanner(file).plan() }
        #expect(
            error?.errors.map(\.message) == [
                "is fp16, in which small gradients are lost, and without a network section the transformer "
                    + "itself is trained"
            ]
        )
    }

    @Test("a file in codes is refused, and so are rules that leave nothing")
    func files() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let coded = ((#filePath as NSString).deletingLastPathComponent as NSString)
            .appendingPathComponent("../../Sources/Verification/Recordings/ltx23_fp8.safetensors")
        let checkpoint = try Checkpoint(path: coded)
        let error = #expect(throws: ConfigurationError.self) { try checkpoint.refuseCodes() }
        let text = try #require(error).description
        #expect(text.contains("weights are stored in 8 bits or less ("))
        #expect(
            text.hasSuffix(
                "should be bf16, fp16 or fp32 to be trained themselves; use the bf16 checkpoint, "
                    + "or add a network section"
            )
        )
        let file = try scene.runFile(3, network: nil, model: ["only_if_contains: [attn9]"])
        await #expect(throws: NoWeightsError.self) { try await RunPlanner(file).plan() }
    }

    @Test(
        "clips without sound beside some with sound: nothing keeps the voice, and the plan says so"
    )
    func mixed() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        try scene.addClip("silent.mp4", sound: ["-an"])
        try "ohwx is silent".write(
            toFile: scene.folder + "/clips/silent.txt",
            atomically: true,
            encoding: .utf8
        )
        let file = try scene.runFile(2, network: nil)
        let plan = try await RunPlanner(file).plan()
        let note = plan.diagnostics.first { $0.message.contains("without sound") }
        #expect(note?.severity == .warning)
        #expect(
            note?.message
                == "1 of 3 clips without sound: their steps teach the face only, and nothing holds the base "
                + "model's voice meanwhile (voice_preservation is off: it needs the frozen base model, and "
                + "without a network section the transformer itself is trained)"
        )
        #expect(try await scene.train(file).step == 2)
    }
}
