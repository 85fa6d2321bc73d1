import Foundation
import LTXModel
import ModelHub
import RunConfig
import TinyModel
import TrainingRun

/// The folder of a trial: a tiny model, clips of all characters, runs, merges.
struct TrialStage {
    let folder: String
    /// The tiny model's file: its decoders and connectors serve the trained base too.
    let checkpoint: String
    private let encoder: String

    /// Writes model and clips.
    init(folder: String, clips: Int) throws {
        self.folder = folder
        let files = try TinyModel(version: .ltx23).write(to: folder + "/model")
        (checkpoint, encoder) = (files.checkpoint, files.textEncoder)
        try write(TrialCharacter.world, clips, to: "\(folder)/world")
        for character in TrialCharacter.both {
            try write([character], clips, to: "\(folder)/\(character.trigger)")
        }
    }

    private func write(_ characters: [TrialCharacter], _ clips: Int, to place: String) throws {
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        for character in characters {
            for number in 0..<clips {
                let stem = "\(place)/\(character.trigger)\(number)"
                try character.writeClip(number, to: stem + ".mp4")
                try character.caption.write(
                    toFile: stem + ".txt",
                    atomically: true,
                    encoding: .utf8
                )
            }
        }
    }

    /// The clips of a character.
    func clips(_ character: TrialCharacter) throws -> [String] {
        let place = "\(folder)/\(character.trigger)"
        return try FileManager.default.contentsOfDirectory(atPath: place).sorted()
            .filter { $0.hasSuffix(".mp4") }.map { "\(place)/\($0)" }
    }

    // MARK: - Models

    /// The transformer that was trained on the world.
    private var base: String { "\(folder)/runs/world/world.safetensors" }

    /// The trained base model.
    var model: ModelSection {
        var model = ModelSection()
        (model.nameOrPath, model.extrasNameOrPath) = (base, checkpoint)
        (model.teNameOrPath, model.dtype) = (encoder, .fp32)
        return model
    }

    /// Where it lies.
    func models() throws -> ModelFiles { try ModelFiles.locate(model, locator: ModelLocator()) }

    /// The adapter of a character.
    func adapter(_ character: TrialCharacter) -> String {
        "\(folder)/runs/\(character.trigger)/\(character.trigger).safetensors"
    }

    // MARK: - Runs

    /// The run file that trains the whole tiny transformer on the world.
    func worldFile(steps: Int) throws -> RunFile {
        try runFile(
            "world",
            steps,
            "lr: 3e-3",
            "save: {dtype: fp32, save_every: 1000000}",
            checkpoint
        )
    }

    /// The run file that trains a character; nothing in it is special.
    func runFile(_ character: TrialCharacter, steps: Int, rank: Int) throws -> RunFile {
        let own = """
            network: {type: lora, linear: \(rank), linear_alpha: \(rank)}
                  save: {dtype: bf16, save_every: 1000000, merge_statistics: true}
            """
        return try runFile(character.trigger, steps, "lr: 5e-3", own, base)
    }

    private func runFile(
        _ name: String,
        _ steps: Int,
        _ rate: String,
        _ own: String,
        _ model: String
    ) throws -> RunFile {
        let text = """
            job: extension
            config:
              name: \(name)
              process:
                - type: sd_trainer
                  training_folder: \(folder)/runs
                  device: cpu
                  training_seed: 7
                  \(own)
                  datasets:
                    - folder_path: \(folder)/\(name)
                      resolution: \(TrialCharacter.side)
                      num_frames: \(TrialCharacter.frames)
                      fps: \(Int(TrialCharacter.rate))
                      do_audio: true
                      caption_ext: txt
                  train:
                    steps: \(steps)
                    \(rate)
                    lr_scheduler: cosine
                    dtype: fp32
                    noise_scheduler: flowmatch
                  model:
                    name_or_path: \(model)
                    extras_name_or_path: \(checkpoint)
                    te_name_or_path: \(encoder)
            """
        return try RunFile.parse(text: text, fileName: "\(name).yaml")
    }
}
