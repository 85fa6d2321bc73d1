import Foundation

/// The `ffmpeg` command: makes the clips of the tests, and decodes them again as a reference.
///
/// Clips are kept in a temporary folder from run to run.
enum FFmpegTool {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("likeness-media-tests-3", isDirectory: true)

    private static let encoders: String = {
        let output = try? run(["-encoders"])
        return output.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }()

    /// Whether the local `ffmpeg` can encode with all of these.
    static func has(_ names: [String]) -> Bool {
        names.allSatisfy { encoders.contains(" \($0) ") }
    }

    /// The path of a clip, made by `ffmpeg` with these arguments unless it is there already; `older`
    /// are arguments to try where the program does not know the first ones.
    static func clip(
        _ name: String,
        _ arguments: [String],
        orElse older: [String]? = nil
    ) throws -> String {
        try make(name) { path in
            do {
                try run(arguments + ["-y", path])
            } catch {
                guard let older else { throw error }
                try run(older + ["-y", path])
            }
        }
    }

    /// The path of a file that is written by `body` unless it is there already.
    static func make(_ name: String, _ body: (String) throws -> Void) throws -> String {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent(name).path
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        // Tests run side by side: each writes a file of its own, and the last rename wins.
        let draft = folder.appendingPathComponent("\(UUID().uuidString)-\(name)").path
        try body(draft)
        guard rename(draft, path) == 0 else { throw Failure(description: "cannot make \(path)") }
        return path
    }

    /// Pictures as the program itself decodes them: RGB bytes of the given size.
    ///
    /// Its scaler has the same filter with another sharpness (C = 0.6 where PIL has 0.5; some
    /// versions round the option away), so scaled pictures differ by a few steps. `turn` is a
    /// filter that lays the scaled picture upright.
    static func pictures(
        _ path: String,
        _ width: Int,
        _ height: Int,
        matrix: String,
        pixelFormat: String = "yuv420p",
        turn: String? = nil
    ) throws -> [UInt8] {
        // Chroma samples lie beside the left pixel where there are fewer of them than pixels.
        let across = pixelFormat.contains("444") ? "" : ":in_h_chr_pos=0"
        let down = pixelFormat.contains("420") ? ":in_v_chr_pos=128" : ""
        let scale =
            "scale=\(width):\(height):flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
            + "\(across)\(down):in_color_matrix=\(matrix)"
        let output = try run([
            "-noautorotate", "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-f",
            "rawvideo",
            "-vf", scale + ",format=rgb24" + (turn.map { ",\($0)" } ?? ""), "-",
        ])
        return [UInt8](output)
    }

    /// Interleaved samples as the program itself decodes them.
    static func samples(_ path: String, _ options: [String] = []) throws -> [Float] {
        let output = try run(
            ["-i", path, "-map", "0:a:0"] + options + ["-c:a", "pcm_f32le", "-f", "f32le", "-"]
        )
        return output.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    /// What `ffprobe` prints as `key=value` lines, for these entries.
    static func probe(_ path: String, _ entries: String) throws -> [String: String] {
        let output = try run(
            "ffprobe",
            ["-show_entries", entries, "-of", "default=noprint_wrappers=1", path]
        )
        var values: [String: String] = [:]
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        return values
    }

    /// Both rates of the first video stream, as fractions.
    static func rates(_ path: String) throws -> [String] {
        let rates = try run(
            "ffprobe",
            ["-select_streams", "v:0", "-show_entries", "stream=r_frame_rate,avg_frame_rate"]
                + ["-of", "csv=p=0", path]
        )
        return String(decoding: rates, as: UTF8.self).trimmingCharacters(in: .newlines)
            .split(separator: ",").map(String.init)
    }

    @discardableResult
    static func run(_ arguments: [String]) throws -> Data {
        try run("ffmpeg", ["-nostdin"] + arguments)
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program, "-hide_banner", "-loglevel", "error"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(program) \(arguments.joined(separator: " ")) failed")
        }
        return data
    }
}
