import Adapters
import ClipData
import Foundation
import LTXModel
import RunConfig
import Safetensors
import Testing
import Training
import TrainingRun

/// The twelve rows of the checklist that came with the audio fixes for ai-toolkit, each with its test; what
/// needs a GPU or a web page is tested as far as it exists without.
@Suite("Audio checklist", .serialized) struct SeedChecklistTests {
    private func lines(_ scene: RunScene) throws -> [[String: Any]] {
        let text = try String(
            contentsOfFile: scene.folder + "/out/run/metrics.jsonl",
            encoding: .utf8
        )
        return try text.split(separator: "\n").compactMap { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["loss"] == nil ? nil : object
        }
    }

    private func sigmas(_ line: [String: Any], _ key: String) -> [Double] {
        (line[key] as? [[String: Any]] ?? []).compactMap { $0["sigma"] as? Double }
    }

    @Test("row 1: independent_audio_timestep gives the sound its own sigma, false the picture's")
    func row1() async throws {
        for (key, isShared) in [("true", false), ("false", true)] {
            let scene = try RunScene()
            try scene.addClips(2)
            try await scene.train(scene.runFile(6, train: ["independent_audio_timestep: \(key)"]))
            let same = try lines(scene).map {
                sigmas($0, "error_video") == sigmas($0, "error_audio")
            }
            #expect(same == Array(repeating: isShared, count: 6))
        }
    }

    @Test("row 2: auto_balance_audio_loss scales the sound to a third of the picture's loss")
    func row2() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        try await scene.train(scene.runFile(3, train: ["auto_balance_audio_loss: true"]))
        let first = try #require(try lines(scene).first)
        let weight = try #require(first["audio_weight"] as? Double)
        let (video, audio) = try (
            #require(first["loss_video"] as? Double), #require(first["loss_audio"] as? Double)
        )
        #expect(abs(weight * audio / video - 0.33) < 1e-6)
    }

    @Test("row 3: network.type dora trains, and its magnitude moves")
    func row3() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let result = try await scene.train(
            scene.runFile(4, network: "{type: dora, linear: 32}")
        )
        let file = try SafetensorsFile(path: result.adapter)
        let name = "diffusion_model.transformer_blocks.0.attn1.to_q"
        #expect(file.info(name + ".dora_scale")?.shape.last == 1)
        #expect(file.info(name + ".lora_magnitude_vector") != nil)
        let before = try #require(result.before)
        #expect(try #require(result.after).video < before.video)
    }

    @Test("row 4: rank_dropout 0.1 trains, on another way than without")
    func row4() async throws {
        var losses: [[Double]] = []
        for dropout in ["0.1", "0"] {
            let scene = try RunScene()
            try scene.addClips(2)
            let network = "{type: lora, linear: 16, rank_dropout: \(dropout)}"
            try await scene.train(scene.runFile(8, network: network))
            losses.append(try scene.losses().map { $0[0] })
        }
        #expect(losses[0][0] == losses[1][0] && losses[0][7] != losses[1][7])
    }

    @Test("row 5: in a set of images and clips the voice is preserved on the images")
    func row5() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        try scene.ffmpeg(
            ["-i", RunScene.examples + "/05-desert.mp4", "-frames:v", "1"]
                + [scene.folder + "/clips/still.png"]
        )
        try "ohwx in a desert".write(
            toFile: scene.folder + "/clips/still.txt",
            atomically: true,
            encoding: .utf8
        )
        let file = try scene.runFile(
            6,
            train: ["voice_preservation: {every: 1, clips: 2, steps: 4}"]
        )
        let plan = try await RunPlanner(file).plan()
        #expect(
            plan.summary.contains(
                "kept on clips without sound every step, beside silence and 2 sounds of the base model"
            )
        )
        try await scene.train(file)
        let steps = try lines(scene)
        for step in steps {
            let isImage = (step["clips"] as? [String])?.contains("still.png") == true
            let preserved = step["preservation"] as? [String: Double]
            #expect((preserved?["voice"] != nil) == isImage)
            #expect((step["loss_audio"] == nil) == isImage)
        }
        #expect(steps.contains { ($0["clips"] as? [String])?.contains("still.png") == true })
        let sounds = try SafetensorsFile(
            path: scene.folder + "/out/run/voice_preservation.safetensors"
        )
        #expect(sounds.names.count == 3)
    }

    @Test("row 6: strict_audio_mode stops a run whose sound is missing, with the clips' names")
    func row6() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try scene.addClip("mute.mp4", sound: ["-an"])
        try scene.addClip(
            "silent.mp4",
            sound: ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-map", "0:v", "-map", "1:a"]
                + ["-c:a", "aac"]
        )
        let error = await #expect(throws: StrictAudioError.self) {
            try await scene.train(scene.runFile(3, train: ["strict_audio_mode: true"]))
        }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("1 of 3 clips bring sound (33 %), should be 90 % at least"))
        #expect(text.hasSuffix("\n  mute.mp4\n  silent.mp4"))
        let allowed = ["strict_audio_mode: true", "strict_audio_min_supervised_ratio: 0.3"]
        #expect(try await scene.train(scene.runFile(2, train: allowed)).step == 2)
    }

    @Test("row 7: model.compile is told in the plan, and changes no number of a run")
    func row7() async throws {
        var losses: [[[Double]]] = []
        for isOn in [false, true] {
            let scene = try RunScene()
            try scene.addClips(1)
            var file = try scene.runFile(3)
            file.process.model.compile = isOn
            let summary = try await RunPlanner(file).plan().summary
            #expect(summary.contains("keep the results of their parts") == isOn)
            try await scene.train(file)
            losses.append(try scene.losses())
        }
        #expect(losses[0] == losses[1])
    }

    @Test("row 8: gradient checkpointing changes the memory that a run needs, and no number of it")
    func row8() async throws {
        var results: [(losses: [[Double]], summary: String)] = []
        for isOn in ["true", "false"] {
            let scene = try RunScene()
            try scene.addClips(2)
            let file = try scene.runFile(4, train: ["gradient_checkpointing: \(isOn)"])
            let summary = try await RunPlanner(file).plan().summary
            try await scene.train(file)
            let memory = try #require(
                summary.split(separator: "\n").first { $0.contains("  memory") }
            )
            results.append((try scene.losses(), String(memory)))
        }
        #expect(results[0].summary != results[1].summary)
        for (with, without) in zip(results[0].losses, results[1].losses) {
            for (one, other) in zip(with, without) { #expect(abs(one - other) < 1e-4 * abs(other)) }
        }
    }

    @Test("row 9: every setting that a form is to show is in the schema it is made from")
    func row9() {
        let paths = Set(RunFile.schema.filter { $0.status == .live }.map(\.path))
        #expect(
            paths.isSuperset(of: [
                "network.type", "network.rank_dropout", "network.module_dropout",
                "train.independent_audio_timestep", "train.auto_balance_audio_loss",
                "train.strict_audio_mode", "train.strict_audio_min_supervised_ratio",
                "train.noise_offset", "train.lr_scheduler", "train.optimizer",
                "datasets[].caption_dropout_rate", "datasets[].do_audio",
            ])
        )
        #expect(RunFile.schema.contains { $0.path == "train.min_snr_gamma" })
    }

    @Test("row 10: a run file without any of the new keys trains face and voice with safe defaults")
    func row10() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        let file = try scene.runFile(2, dataset: [])
        let train = file.process.train
        #expect(train.independentAudioTimestep && !train.autoBalanceAudioLoss)
        #expect(train.audioLossMultiplier == 1 && train.noiseOffset == 0)
        #expect(file.process.datasets[0].doAudio && train.strictAudioMode == nil)
        let adapter = try SafetensorsFile(path: try await scene.train(file).adapter)
        #expect(adapter.names.contains { $0.contains("audio_attn1") })
        #expect(adapter.names.contains { $0.contains(".attn1") })
    }

    @Test(
        "row 11: losses of both modalities and the factor between them are in every line of the log"
    )
    func row11() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        try await scene.train(scene.runFile(2))
        for line in try lines(scene) {
            #expect(line["loss_video"] is Double && line["loss_audio"] is Double)
            #expect(
                line["audio_weight"] as? Double == 1 && line["supervised_ratio"] as? Double == 1
            )
        }
    }

    @Test("row 12: noise_offset trains; min_snr_gamma is left out with a sentence why")
    func row12() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        let file = try scene.runFile(30, train: ["noise_offset: 0.05", "min_snr_gamma: 5.0"])
        let said = try await RunPlanner(file).plan().diagnostics.filter {
            $0.path == "train.min_snr_gamma"
        }
        #expect(
            said.map(\.message) == [
                "has no effect here: flow matching has no signal-to-noise table; timestep_type balances noise levels"
            ]
        )
        let result = try await scene.train(file)
        let (before, after) = try (#require(result.before), #require(result.after))
        #expect(after.video < before.video)
        #expect(try #require(after.audio) < #require(before.audio))
    }
}
