import Foundation
import JobControl
import RunStore
import Testing

/// A studio without pages: a folder, a store, and jobs whose process is a line of the shell or the real trainer.
final class JobScene: Sendable {
    let folder: String
    let database: RunDatabase

    /// The built program, beside the test bundle.
    static let likeness: String = {
        let bundle = Bundle.allBundles.map(\.bundlePath).first { $0.hasSuffix(".xctest") }
        let place = bundle ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
        return (place as NSString).deletingLastPathComponent + "/likeness"
    }()

    init() throws {
        folder = NSTemporaryDirectory() + "likeness-jobs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        database = try RunDatabase(path: folder + "/studio.sqlite")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A supervisor whose jobs run a line of the shell in the scene's folder.
    ///
    /// In it `$1` is the job's folder, `$2` the mode. Another connection to the store is as after a start of the
    /// server.
    func supervisor(_ script: String, database: RunDatabase? = nil) -> Supervisor {
        var launcher = JobLauncher(likeness: Self.likeness, workingFolder: folder)
        launcher.bestDevice = "cpu"
        launcher.arguments = { folder, mode in
            ["--program", "/bin/sh", "--", "-c", script, "sh", folder.path, mode.rawValue]
        }
        return Supervisor(database: database ?? self.database, home: folder, launcher: launcher)
    }

    /// A supervisor whose jobs are what users run, with nothing downloaded.
    func trainer() -> Supervisor {
        var launcher = JobLauncher(likeness: Self.likeness, workingFolder: folder)
        launcher.bestDevice = "cpu"
        let train = launcher.arguments
        let offline = ["HF_HUB_OFFLINE=1", "HF_HOME=\(folder)/hf", Self.likeness]
        launcher.arguments = { folder, mode in
            ["--program", "/usr/bin/env", "--"] + offline + train(folder, mode).dropFirst()
        }
        return Supervisor(database: database, home: folder, launcher: launcher)
    }

    /// A run file; its run's folder is `out/NAME`.
    func runFile(_ name: String = "small", steps: Int = 3, device: String = "cpu") -> String {
        """
        job: extension
        config:
          name: \(name)
          process:
            - type: sd_trainer
              training_folder: out
              device: \(device)
              trigger_word: ohwx
              training_seed: 3
              network: {type: lora, linear: 4, linear_alpha: 4}
              save: {save_every: 1000, max_step_saves_to_keep: 2, dtype: fp32}
              datasets:
                - {folder_path: clips, resolution: 64, num_frames: 17, do_audio: true, windows_per_clip: 1}
              train:
                steps: \(steps)
                dtype: fp32
                noise_scheduler: flowmatch
                lr: 1e-3
              model:
                name_or_path: model/ltx-2.3-tiny-dev.safetensors
                te_name_or_path: model/gemma
        """
    }

    /// Looks after jobs until one fulfils a condition; a minute is more than enough.
    @discardableResult
    func wait(
        for id: String,
        _ supervisor: Supervisor,
        until isThere: (Job) throws -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Job {
        for _ in 0..<3000 {
            await supervisor.look()
            let job = try database.jobs.job(id)
            if try isThere(job) { return job }
            try await Task.sleep(for: .milliseconds(20))
        }
        let job = try database.jobs.job(id)
        Issue.record("\(job) after a minute; log: \(log(of: id))", sourceLocation: sourceLocation)
        return job
    }

    /// Looks after jobs until one has ended.
    func end(
        of id: String,
        _ supervisor: Supervisor,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Job {
        try await wait(
            for: id,
            supervisor,
            until: { [.stopped, .completed, .failed].contains($0.state) },
            sourceLocation: sourceLocation
        )
    }

    func log(of id: String) -> String { text("jobs/\(id)/log.txt") }

    func text(_ path: String) -> String {
        String(
            decoding: FileManager.default.contents(atPath: "\(folder)/\(path)") ?? Data(),
            as: UTF8.self
        )
    }

    func write(_ text: String, to path: String) throws {
        let place = "\(folder)/\(path)"
        try FileManager.default.createDirectory(
            atPath: (place as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try text.write(toFile: place, atomically: true, encoding: .utf8)
    }

    /// A line of the shell that writes steps into the run's metrics.
    static func steps(_ steps: ClosedRange<Int>, run: String = "small", loss: Double = 0.5)
        -> String
    {
        "mkdir -p out/\(run); for i in $(seq \(steps.lowerBound) \(steps.upperBound)); do "
            + #"echo "{\"loss\":\#(loss),\"loss_video\":\#(loss),\"seconds\":0.25,\"step\":$i}" >> out/\#(run)/metrics.jsonl; done; "#
    }
}
