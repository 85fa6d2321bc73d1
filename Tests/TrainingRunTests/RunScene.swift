import Foundation
import LTXModel
import RunConfig
import TinyModel
import Training
import TrainingRun

/// A temporary folder with a tiny model and clips, and runs in it.
final class RunScene {
    let folder: String
    private let manager = FileManager.default

    init(version: ModelVersion = .ltx23, seed: UInt64 = 1) throws {
        folder = NSTemporaryDirectory() + "likeness-run-\(UUID().uuidString)"
        try manager.createDirectory(atPath: folder + "/clips", withIntermediateDirectories: true)
        try writeModel(version, seed: seed)
    }

    deinit { try? manager.removeItem(atPath: folder) }

    func writeModel(_ version: ModelVersion, seed: UInt64) throws {
        let files = try TinyModel(version: version, seed: seed).write(to: folder + "/model")
        let place = folder + "/model/checkpoint.safetensors"
        try? manager.removeItem(atPath: place)
        try manager.moveItem(atPath: files.checkpoint, toPath: place)
    }

    /// Where the repository's example clips lie.
    static let examples =
        ((#filePath as NSString).deletingLastPathComponent as NSString)
        .appendingPathComponent("../../Examples/clips")

    /// Copies the first clips of the repository.
    func addClips(_ count: Int) throws {
        let names = try manager.contentsOfDirectory(atPath: Self.examples).sorted()
        for name in names.filter({ $0.hasSuffix(".mp4") }).prefix(count) {
            for file in [name, name.replacingOccurrences(of: ".mp4", with: ".txt")] {
                try manager.copyItem(
                    atPath: "\(Self.examples)/\(file)",
                    toPath: "\(folder)/clips/\(file)"
                )
            }
        }
    }

    /// Makes a clip of an example with other arguments for its sound; `{clips}` is the folder.
    func addClip(_ name: String, sound arguments: [String]) throws {
        let source = "\(Self.examples)/02-rain.mp4"
        try ffmpeg(
            ["-i", source] + arguments + ["-c:v", "copy", "-shortest", "\(folder)/clips/\(name)"]
        )
    }

    /// Moves clips into the folder `held`.
    func holdOut(_ stems: [String]) throws {
        try manager.createDirectory(atPath: folder + "/held", withIntermediateDirectories: true)
        for file in stems.flatMap({ ["\($0).mp4", "\($0).txt"] }) {
            try manager.moveItem(
                atPath: "\(folder)/clips/\(file)",
                toPath: "\(folder)/held/\(file)"
            )
        }
    }

    /// Takes the sound out of all clips.
    func muteClips() throws {
        let names = try manager.contentsOfDirectory(atPath: folder + "/clips")
        for name in names where name.hasSuffix(".mp4") {
            let (clip, muted) = ("\(folder)/clips/\(name)", "\(folder)/muted.mp4")
            try ffmpeg(["-i", clip, "-an", "-c:v", "copy", muted])
            try manager.removeItem(atPath: clip)
            try manager.moveItem(atPath: muted, toPath: clip)
        }
    }

    /// Overwrites the payload of the sound's packets; FLAC frames carry checksums, AAC's grammar breaks.
    func damageSound(of name: String) throws {
        let path = "\(folder)/clips/\(name)"
        let listing = try ReferenceReader.output(
            "/usr/bin/env",
            ["ffprobe", "-v", "error", "-select_streams", "a"]
                + ["-show_entries", "packet=pos,size", "-of", "csv=p=0", path]
        )
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for line in listing.text.split(separator: "\n") {
            let fields = line.split(separator: ",").compactMap { Int($0) }
            guard fields.count == 2 else { continue }
            let (size, place) = (fields[0], fields[1])
            // The packet's own header comes first; what is overwritten lies well inside.
            let range = (place + size / 3)..<(place + size * 2 / 3)
            bytes.replaceSubrange(range, with: Data(repeating: 0x55, count: range.count))
        }
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    func ffmpeg(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg", "-v", "error", "-y"] + arguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CocoaError(
                .fileWriteUnknown,
                userInfo: [NSFilePathErrorKey: "ffmpeg \(arguments)"]
            )
        }
    }

    /// A run file for the scene; lines for the sections go in as they are.
    func runFile(
        _ steps: Int,
        train: [String] = [],
        dataset: [String] = ["do_audio: true"],
        network: String? = "{type: lora, linear: 4, linear_alpha: 4}",
        name: String = "run",
        preset: TrainingPreset? = nil,
        model: [String] = [],
        save: String = "{save_every: 1000, dtype: fp32}",
        dtype: String = "fp32",
        checkpoint: String? = nil,
        sample: [String] = []
    ) throws -> RunFile {
        let text = """
            job: extension
            config:
              name: \(name)
              process:
                - type: sd_trainer
                  training_folder: \(folder)/out
                  device: cpu
                  trigger_word: ohwx
                  training_seed: 11
            \(preset.map { "      preset: \($0.rawValue)" } ?? "")
            \(network.map { "      network: \($0)" } ?? "")
                  save: \(save)
                  datasets:
                    - folder_path: \(folder)/clips
                      resolution: 64
                      num_frames: 17
                      windows_per_clip: 1
            \(dataset.map { "          " + $0 }.joined(separator: "\n"))
                  train:
                    steps: \(steps)
                    lr: 1e-2
                    dtype: \(dtype)
                    noise_scheduler: flowmatch
            \(train.map { "        " + $0 }.joined(separator: "\n"))
                  model:
                    name_or_path: \(checkpoint ?? folder + "/model/checkpoint.safetensors")
                    te_name_or_path: \(folder)/model/gemma
            \(model.map { "        " + $0 }.joined(separator: "\n"))
            \(sample.isEmpty ? "" : "      sample:")
            \(sample.map { "        " + $0 }.joined(separator: "\n"))
            """
        return try RunFile.parse(text: text, fileName: "job.yaml")
    }

    /// Plans and trains.
    @discardableResult
    func train(
        _ file: RunFile,
        resume: ResumePoint? = nil,
        stop: StopRequest = StopRequest(),
        listeners: [any TrainingListener] = [],
        watch: @escaping (PreparationEvent) -> Void = { _ in }
    ) async throws -> TrainingResult {
        let plan = try await RunPlanner(file, resume: resume).plan()
        let executor = try RunExecutor(plan, stop: stop)
        executor.listeners = listeners
        executor.onPreparation = watch
        return try await executor.run()
    }

    /// A file without its header, which names the run.
    static func tensors(_ file: Data?) -> Data? {
        guard let file, file.count > 8 else { return nil }
        let header = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        return file.dropFirst(8 + header)
    }

    func bytes(_ path: String) -> Data? { manager.contents(atPath: path) }

    /// Losses of all steps, as the metrics file has them.
    func losses(_ name: String = "run") throws -> [[Double]] {
        let text = try String(
            contentsOfFile: "\(folder)/out/\(name)/metrics.jsonl",
            encoding: .utf8
        )
        return try text.split(separator: "\n").compactMap { line in
            let values = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard values?["loss"] != nil else { return nil }
            return [values?["loss_video"], values?["loss_audio"]].map { $0 as? Double ?? -1 }
        }
    }
}

/// Counts what preparation did.
final class PreparationCount {
    var texts = 0
    var clips = 0

    func count(_ event: PreparationEvent) {
        switch event {
        case .encodingText: texts += 1
        case .encodingClip: clips += 1
        default: break
        }
    }
}

/// Asks for a stop after a step.
final class StopAfter: TrainingListener {
    private let step: Int
    private let stop: StopRequest

    init(_ step: Int, _ stop: StopRequest) {
        self.step = step
        self.stop = stop
    }

    func handle(_ event: TrainingEvent) {
        if case .step(let report, _) = event, report.step == step { stop.ask() }
    }
}
