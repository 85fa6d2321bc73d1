import Foundation
import RunConfig
import Testing

@Suite("What a program cannot do yet, and paths")
struct CapabilityTests {
    @Test("a program that can do everything refuses nothing")
    func everything() throws {
        for name in [
            "recommended.yaml", "recommended-dora.yaml", "recommended-offloading.yaml",
            "ui-template.yaml",
        ] {
            #expect(try Fixture.load(name).unsupported(by: .everything) == [])
        }
    }

    @Test("each thing that cannot be done is named with its line")
    func refused() throws {
        let found = try Fixture.load("recommended-offloading.yaml").unsupported(by: Capabilities())
        #expect(
            found.map { "\($0.line): \($0.path): \($0.message); \($0.fix)" } == [
                "13: network.rank_dropout: this program cannot do it yet; remove the key to train without it",
                "27: train.optimizer: adamw8bit is something this program cannot do yet; it can do adamw",
                "32: train.auto_balance_audio_loss: this program cannot do it yet; remove the key to train without it",
                "34: train.noise_offset: this program cannot do it yet; remove the key to train without it",
                "38: model.low_vram: this program cannot do it yet; remove the key to train without it",
                "39: model.quantize: float8 is something this program cannot do yet; remove the key",
                "40: model.layer_offloading: this program cannot do it yet; remove the key to train without it",
                "42: sample: this program cannot do it yet; remove the key to train without it",
            ]
        )
    }

    @Test(
        "every feature can be asked for and is then found",
        arguments: [
            ("network", "rank_dropout: 0.1", Feature.adapterDropout),
            ("network", "all_layers: true", .layersOutsideBlocks),
            ("network", "network_kwargs: {full_if_contains: [ff]}", .fullDifferences),
            ("network", "audio_linear: 4", .modalitySettings),
            ("network", "ranks: {ff: 4}", .modalitySettings),
            ("network", "pathways: [audio]", .modalitySettings),
            ("train", "audio_lr: 1e-5", .modalitySettings),
            ("train", "video_loss_multiplier: 0.5", .modalitySettings),
            ("train", "do_differential_guidance: true", .differentialGuidance),
            ("train", "validation_split: 0.1", .heldOut),
            ("train", "validation_folder: a", .heldOut),
            ("network", "pretrained_lora_path: a", .pretrainedAdapter),
            ("save", "split: true", .splitFiles),
            ("save", "merge_statistics: true", .mergeStatistics),
            ("train", "ema_config: {use_ema: true}", .ema),
            ("train", "blank_prompt_preservation: true", .blankPromptPreservation),
            ("train", "voice_preservation: true", .voicePreservation),
            ("train", "auto_balance_audio_loss: true", .lossBalance),
            ("train", "audio_balance: gradient_norm", .gradientBalance),
            ("train", "mixed_audio_timestep: 0.5", .audioTimesteps),
            ("train", "strict_audio_mode: true", .strictAudio),
            ("train", "do_guidance_loss: true", .guidanceLosses),
            ("train", "noise_offset: 0.1", .noiseOffset),
            ("train", "random_noise_shift: 0.1", .noiseVariants),
            ("train", "content_or_style: style", .timestepChoice),
            ("train", "max_loss: 1", .lossClamp),
            ("train", "train_text_encoder: true", .textEncoderTraining),
            ("train", "held_out: 0.1", .heldOut), ("dataset", "is_reg: true", .regularisation),
            ("dataset", "mask_path: a", .masks), ("dataset", "network_weight: 0.5", .networkWeight),
            ("dataset", "do_i2v: 0.5", .firstFrame),
            ("dataset", "shuffle_tokens: true", .captionTokens),
            ("dataset", "random_crop: true", .randomCrops), ("sample", "prompts: [a]", .sampling),
            ("model", "layer_offloading: true", .layerOffloading),
            ("model", "low_vram: true", .lowVRAM),
            ("model", "compile: true", .compile),
        ]
    )
    func features(section: String, line: String, feature: Feature) throws {
        var file = RunFileText()
        switch section {
        case "network": file.network.append(line)
        case "save": file.save.append(line)
        case "train": file.train.append(line)
        case "dataset": file.dataset.append(line)
        case "model": file.model.append(line)
        default: file.sample.append(line)
        }
        var capabilities = Capabilities.everything
        #expect(try file.parse().unsupported(by: capabilities) == [])
        capabilities.features.remove(feature)
        #expect(try file.parse().unsupported(by: capabilities).count == 1)
    }

    @Test("what is done instead is a warning")
    func substitutes() throws {
        let capabilities = Capabilities(
            quantizations: [.float8],
            features: [.adapterDropout, .lossBalance, .noiseOffset, .lowVRAM],
            substitutes: [
                "train.optimizer=adamw8bit": "adamw runs with float32 state",
                "sample": "no previews are made",
            ]
        )
        let found = try Fixture.load("recommended.yaml").unsupported(by: capabilities)
        #expect(found.allSatisfy { $0.severity == .warning })
        #expect(
            found.map(\.message) == [
                "adamw8bit is something this program cannot do yet: adamw runs with float32 state",
                "this program cannot do it yet: no previews are made",
            ]
        )
    }

    @Test("a run without network asks for full fine-tuning")
    func fullFineTune() throws {
        var file = RunFileText()
        file.network = []
        #expect(try file.parse().unsupported(by: Capabilities()).map(\.path) == ["network"])
    }

    @Test("folders that are missing, files, or empty are told apart")
    func paths() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "paths-\(UUID())")
        defer { try? FileManager.default.removeItem(at: root) }
        for folder in ["empty", "images", "clips/below"] {
            try FileManager.default.createDirectory(
                at: root.appending(path: folder),
                withIntermediateDirectories: true
            )
        }
        try Data().write(to: root.appending(path: "images/a.PNG"))
        try Data().write(to: root.appending(path: "clips/below/a.mp4"))
        let cases: [(folder: String, frames: Int, message: String?)] = [
            ("gone", 9, "does not exist"), ("empty", 9, "holds no clips and no images"),
            ("images/a.PNG", 9, "is a file, expected a folder"), ("clips", 9, nil),
            ("images", 1, nil), ("clips", 1, "holds no images"),
        ]
        for (folder, frames, message) in cases {
            var file = RunFileText()
            let path = root.appending(path: folder).path
            file.dataset = ["folder_path: \(path)", "num_frames: \(frames)"]
            let found = try file.parse().validatePaths()
            #expect(found.map(\.message) == (message.map { ["\"\(path)\" \($0)"] } ?? []))
            #expect(found.allSatisfy { $0.path == "datasets[0].folder_path" && $0.line == 15 })
        }
    }
}
