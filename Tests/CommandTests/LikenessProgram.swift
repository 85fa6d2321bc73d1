import Foundation

/// The built program, run as a user runs it.
struct LikenessProgram {
    /// What a run of the program gave.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Beside the test bundle in the build folder.
    static let path: String = {
        let bundle = Bundle.allBundles.map(\.bundlePath).first { $0.hasSuffix(".xctest") }
        let place = bundle ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
        return (place as NSString).deletingLastPathComponent + "/likeness"
    }()

    let folder: ScratchFolder

    /// Runs the program to its end, in the scratch folder.
    func run(_ arguments: String...) async throws -> Outcome {
        try await start(arguments).wait()
    }

    /// Starts the program and leaves it running.
    func start(_ arguments: [String]) throws -> Started { try start(Self.path, arguments) }

    /// Starts a line of the shell in which `$0` is the program.
    func startShell(_ line: String) throws -> Started {
        try start("/bin/sh", ["-c", line, Self.path])
    }

    private func start(_ executable: String, _ arguments: [String]) throws -> Started {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        var environment = ProcessInfo.processInfo.environment
        environment["HF_HUB_OFFLINE"] = "1"
        environment["HF_HOME"] = folder.path + "/hf"
        process.environment = environment
        // Files, not pipes: a run that prints much must not wait for a reader.
        let output = folder.path + "/stdout-\(UUID().uuidString)"
        let errors = folder.path + "/stderr-\(UUID().uuidString)"
        for file in [output, errors] {
            _ = FileManager.default.createFile(atPath: file, contents: nil)
        }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        return Started(process: process, output: output, errors: errors)
    }

    /// A run that goes on.
    struct Started {
        let process: Process
        let output: String
        let errors: String

        /// Sleeps rather than blocks: other tests need the shared threads.
        func wait() async throws -> Outcome {
            while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
            return Outcome(
                status: process.terminationStatus,
                output: text(output),
                errors: text(errors)
            )
        }

        /// Waits until the output holds a text; false if the program ended or a minute passed first.
        func waits(for wanted: String) async throws -> Bool {
            for _ in 0..<3000 {
                if text(output).contains(wanted) { return true }
                guard process.isRunning else { return text(output).contains(wanted) }
                try await Task.sleep(for: .milliseconds(20))
            }
            return false
        }

        private func text(_ path: String) -> String {
            String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        }
    }
}

/// A folder that is gone after the test.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "likeness-command-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The repository's example clips whose names begin with one of the prefixes, in `clips`.
    func copyClips(_ prefixes: String...) throws {
        let source = (#filePath as NSString).deletingLastPathComponent + "/../../Examples/clips"
        let target = path + "/clips"
        let manager = FileManager.default
        try manager.createDirectory(atPath: target, withIntermediateDirectories: true)
        for name in try manager.contentsOfDirectory(atPath: source)
        where prefixes.contains(where: name.hasPrefix) {
            try manager.copyItem(atPath: "\(source)/\(name)", toPath: "\(target)/\(name)")
        }
    }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(path)/\(name)")
    }

    /// Bytes of all files of a kind in a folder.
    func bytes(in folder: String, suffix: String) -> Double {
        names(in: folder).filter { $0.hasSuffix(suffix) }.reduce(0) { sum, name in
            let data = FileManager.default.contents(atPath: "\(path)/\(folder)/\(name)")
            return sum + Double(data?.count ?? 0)
        }
    }

    func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []).sorted()
    }
}

/// A small run file; `train` and `network` take further keys.
func runFile(steps: Int, saveEvery: Int = 1000, train: String = "lr: 1e-3") -> String {
    """
    job: extension
    config:
      name: small
      process:
        - type: sd_trainer
          training_folder: out
          device: cpu
          trigger_word: ohwx
          training_seed: 3
          network: {type: lora, linear: 4, linear_alpha: 4}
          save: {save_every: \(saveEvery), max_step_saves_to_keep: 2, dtype: fp32}
          datasets:
            - {folder_path: clips, resolution: 64, num_frames: 17, do_audio: true, windows_per_clip: 1}
          train:
            steps: \(steps)
            dtype: fp32
            noise_scheduler: flowmatch
            \(train)
          model:
            name_or_path: model/ltx-2.3-tiny-dev.safetensors
            te_name_or_path: model/gemma
    """
}
