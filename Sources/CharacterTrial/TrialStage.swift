import Foundation
import LTXModel
import ModelHub
import RunConfig
import TinyModel
import TrainingRun

/// The folder of a trial: a tiny model, clips of both characters, runs, merges.
struct TrialStage {
    let folder: String
    let model: ModelSection
    let models: ModelFiles
    let checkpoint: String
    private let encoder: String

    /// Writes model and clips.
    init(folder: String, clips: Int) throws {
        self.folder = folder
        let files = try TinyModel(version: .ltx23).write(to: folder + "/model")
        (checkpoint, encoder) = (files.checkpoint, files.textEncoder)
        var model = ModelSection()
        (model.nameOrPath, model.teNameOrPath) = (files.checkpoint, files.textEncoder)
        model.dtype = .fp32
        self.model = model
        models = try ModelFiles.locate(model, locator: ModelLocator())
        for character in TrialCharacter.both {
            let place = "\(folder)/\(character.trigger)"
            try FileManager.default.createDirectory(
                atPath: place,
                withIntermediateDirectories: true
            )
            for number in 0..<clips {
                try character.writeClip(number, to: "\(place)/\(number).mp4")
                try character.caption.write(
                    toFile: "\(place)/\(number).txt",
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

    /// The adapter of a character.
    func adapter(_ character: TrialCharacter) -> String {
        "\(folder)/runs/\(character.trigger)/\(character.trigger).safetensors"
    }

    /// The run file that trains a character; nothing in it is special.
    func runFile(_ character: TrialCharacter, steps: Int, rank: Int) throws -> RunFile {
        let text = """
            job: extension
            config:
              name: \(character.trigger)
              process:
                - type: sd_trainer
                  training_folder: \(folder)/runs
                  device: cpu
                  training_seed: 7
                  network: {type: lora, linear: \(rank), linear_alpha: \(rank)}
                  save: {dtype: bf16, save_every: 1000000, merge_statistics: true}
                  datasets:
                    - folder_path: \(folder)/\(character.trigger)
                      resolution: \(TrialCharacter.side)
                      num_frames: \(TrialCharacter.frames)
                      fps: \(Int(TrialCharacter.rate))
                      do_audio: true
                      caption_ext: txt
                  train:
                    steps: \(steps)
                    lr: 5e-3
                    lr_scheduler: cosine
                    dtype: fp32
                    noise_scheduler: flowmatch
                  model:
                    name_or_path: \(checkpoint)
                    te_name_or_path: \(encoder)
            """
        return try RunFile.parse(text: text, fileName: "\(character.trigger).yaml")
    }
}
