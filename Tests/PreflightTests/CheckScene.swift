import Foundation
import LTXModel
import Preflight
import RunConfig
import TinyModel
import Training
import TrainingRun

/// A temporary folder with a tiny model and clips to look at.
final class CheckScene: Sendable {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "likeness-check-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder + "/clips",
            withIntermediateDirectories: true
        )
        let files = try TinyModel(version: .ltx23).write(to: folder + "/model")
        try FileManager.default.moveItem(
            atPath: files.checkpoint,
            toPath: folder + "/model/checkpoint.safetensors"
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static let root = ((#filePath as NSString).deletingLastPathComponent as NSString)
        .appendingPathComponent("../..")
    static let examples = root + "/Examples/clips"
    static let recording = root + "/Sources/Verification/Recordings/ltx23_single.safetensors"

    func addExamples(_ count: Int) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.examples).sorted()
        for name in names.filter({ $0.hasSuffix(".mp4") }).prefix(count) {
            for file in [name, name.replacing(".mp4", with: ".txt")] {
                try FileManager.default.copyItem(
                    atPath: "\(Self.examples)/\(file)",
                    toPath: "\(folder)/clips/\(file)"
                )
            }
        }
    }

    /// Makes a clip of an example with other arguments for its sound.
    func addClip(_ name: String, sound arguments: [String]) throws {
        let source = "\(Self.examples)/02-rain.mp4"
        _ = try run(
            ["ffmpeg", "-v", "error", "-y", "-i", source] + arguments
                + ["-c:v", "copy", "-shortest", "\(folder)/clips/\(name)"]
        )
    }

    /// Overwrites the payload of the sound's packets from a time on.
    func damageSound(of name: String, after seconds: Double = 0) throws {
        try damage(name, stream: "a", after: seconds)
    }

    /// Overwrites the payload of the pictures' packets.
    func damagePictures(of name: String) throws { try damage(name, stream: "v", after: 0) }

    private func damage(_ name: String, stream: String, after seconds: Double) throws {
        let path = "\(folder)/clips/\(name)"
        let listing = try run(
            ["ffprobe", "-v", "error", "-select_streams", stream]
                + ["-show_entries", "packet=pts_time,pos,size", "-of", "csv=p=0", path]
        )
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for line in listing.split(separator: "\n") {
            let fields = line.split(separator: ",").compactMap { Double($0) }
            guard fields.count == 3, fields[0] >= seconds else { continue }
            let (size, place) = (Int(fields[1]), Int(fields[2]))
            let range = (place + size / 3)..<(place + size * 2 / 3)
            bytes.replaceSubrange(range, with: Data(repeating: 0x55, count: range.count))
        }
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    /// Another clip in a folder of its own.
    private func addOther(_ name: String) throws {
        let place = folder + "/other"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: Self.examples + "/02-rain.mp4",
            toPath: "\(place)/\(name)"
        )
    }

    /// Pictures of an example, as images.
    func addImages(_ count: Int) throws {
        _ = try run(
            ["ffmpeg", "-v", "error", "-y", "-i", "\(Self.examples)/02-rain.mp4"]
                + ["-frames:v", "\(count)", "\(folder)/clips/image-%d.png"]
        )
    }

    private func run(_ arguments: [String]) throws -> String {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
        return String(decoding: output, as: UTF8.self)
    }

    /// A plan of the scene's clips; each argument replaces a part of the run file.
    func plan(
        process: String = "",
        dataset: String = "windows_per_clip: 1",
        datasets more: [String] = [],
        train: String = "steps: 40, lr: 1e-4, dtype: fp32",
        trigger: String = "trigger_word: ohwx",
        model: String = "checkpoint.safetensors",
        encoder: String? = nil,
        other: Bool = false,
        otherName: String = "02-rain.mp4"
    ) async throws -> RunPlan {
        if other { try addOther(otherName) }
        let sets =
            ["{folder_path: \(folder)/clips, resolution: 64, num_frames: 17, \(dataset)}"] + more
        let text = """
            job: extension
            config:
              name: run
              process:
                - type: sd_trainer
                  training_folder: \(folder)/out
                  device: cpu
                  \(trigger)
                  training_seed: 11
                  \(process)
                  network: {type: lora, linear: 4}
                  datasets:
            \(sets.map { "        - \($0)" }.joined(separator: "\n"))
                  train: {\(train)}
                  model:
                    name_or_path: \(model.contains("/") ? model : "\(folder)/model/\(model)")
                    te_name_or_path: \(encoder ?? "\(folder)/model/gemma")
            """
        let file = try RunFile.parse(text: text, fileName: "job.yaml")
        return try await RunPlanner(file).plan()
    }

    func check(process: String = "", draws: Bool = false) async throws -> Preflight.Result {
        try await Preflight(draws: draws).run(plan(process: process))
    }

    /// Fills the caches, as an earlier run would have.
    func prepare() async throws {
        try await RunExecutor(plan(), stop: StopRequest()).prepare()
    }
}
