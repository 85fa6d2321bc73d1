import Foundation
import Media

/// `ffmpeg` and `espeak-ng`: make the sounds of the tests, decode them, and measure them again.
///
/// Sounds are kept in a temporary folder from run to run.
enum SoundTool {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("likeness-sound-tests-1", isDirectory: true)

    /// The path of a sound that `ffmpeg` makes with these arguments.
    static func sound(_ name: String, _ arguments: [String]) throws -> String {
        try make(name) { try run("ffmpeg", arguments + ["-y", $0]) }
    }

    /// The path of a sound from a source filter, such as `sine=440:r=48000`.
    static func source(_ name: String, _ filter: String, seconds: Double = 4.5) throws -> String {
        try sound(name, ["-f", "lavfi", "-t", "\(seconds)", "-i", filter, "-c:a", "pcm_f32le"])
    }

    /// The path of a sentence that a voice of `espeak-ng` says, without silence at both ends.
    static func voice(_ voice: String, _ sentence: String) throws -> String {
        let raw = try make("raw-\(voice)-\(sentence.utf8.count).wav") {
            try run("espeak-ng", ["-v", voice, "-w", $0, sentence])
        }
        let trim = "silenceremove=start_periods=1:start_threshold=-50dB,areverse"
        return try sound(
            "voice-\(voice)-\(sentence.utf8.count).wav",
            ["-i", raw, "-af", "\(trim),\(trim)", "-ar", "16000", "-c:a", "pcm_f32le"]
        )
    }

    /// Samples as `ffmpeg` decodes them.
    static func waveform(_ path: String) throws -> Waveform {
        let facts = try run(
            "ffprobe",
            ["-show_entries", "stream=sample_rate,channels", "-of", "csv=p=0", path]
        ).output.split(whereSeparator: { ",\n".utf8.contains($0) })
            .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        guard facts.count == 2 else { throw Failure(description: "\(path): no sound") }
        let data = try run("ffmpeg", ["-i", path, "-f", "f32le", "-c:a", "pcm_f32le", "-"]).output
        let samples = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        let channels = (0..<facts[1]).map { channel in
            stride(from: channel, to: samples.count, by: facts[1]).map { samples[$0] }
        }
        return Waveform(sampleRate: facts[0], samples: channels)
    }

    /// The number after the last `label` that a filter prints.
    static func measured(_ path: String, _ filter: String, _ label: String) throws -> Double {
        try number(after: label, in: try log(path, filter))
    }

    /// The number after the last `label` in a log.
    static func number(after label: String, in log: String) throws -> Double {
        let number = log.range(of: label, options: .backwards).flatMap {
            log[$0.upperBound...].split(whereSeparator: \.isWhitespace).first
        }
        guard let value = number.flatMap({ Double($0) }) else {
            throw Failure(description: "no \(label) in \(log)")
        }
        return value
    }

    /// All that a filter prints about a sound.
    static func log(_ path: String, _ filter: String) throws -> String {
        let arguments = ["-loglevel", "info", "-nostats", "-i", path, "-af", filter]
        return try run("ffmpeg", arguments + ["-f", "null", "-"]).log
    }

    private static func make(_ name: String, _ body: (String) throws -> Void) throws -> String {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent(name).path
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        // Tests run side by side: each writes a file of its own, and the last rename wins.
        let draft = folder.appendingPathComponent("\(UUID().uuidString)-\(name)").path
        try body(draft)
        guard rename(draft, path) == 0 else { throw Failure(description: "cannot make \(path)") }
        return path
    }

    @discardableResult
    private static func run(
        _ program: String,
        _ arguments: [String]
    ) throws -> (output: Data, log: String) {
        let isFFmpeg = program == "ffmpeg"
        let quiet = program == "espeak-ng" ? [] : ["-hide_banner", "-loglevel", "error"]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + quiet + (isFFmpeg ? ["-nostdin"] : []) + arguments
        // What it says goes to a file: two pipes could wait for each other.
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let logPath = folder.appendingPathComponent("\(UUID().uuidString).log")
        try Data().write(to: logPath)
        defer { try? FileManager.default.removeItem(at: logPath) }
        let logFile = try FileHandle(forWritingTo: logPath)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = logFile
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let log = String(decoding: try Data(contentsOf: logPath), as: UTF8.self)
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(program) \(arguments.joined(separator: " ")): \(log)")
        }
        return (data, log)
    }
}
