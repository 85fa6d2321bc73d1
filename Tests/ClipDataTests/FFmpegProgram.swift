import Foundation

/// Runs the `ffmpeg` and `ffprobe` programs: what they make and say is not ours.
enum FFmpegProgram {
    struct Failure: Error {
        let arguments: [String]
        let output: String
    }

    /// Makes a clip of flat colours, one a second, perhaps with sound.
    ///
    /// Colours are named as ffmpeg names them; the sound is a source filter of it, or `nil`.
    static func makeClip(
        _ path: String,
        colors: [String] = ["red"],
        seconds: Double? = nil,
        size: String = "96x64",
        rate: Int = 24,
        sound: String? = "sine=frequency=440:sample_rate=44100"
    ) throws {
        let inputs = colors.flatMap {
            ["-f", "lavfi", "-i", "color=\($0):size=\(size):rate=\(rate):duration=1"]
        }
        let chain = colors.indices.map { "[\($0):v]" }.joined() + "concat=n=\(colors.count)[v]"
        let audio = sound.map { ["-f", "lavfi", "-i", $0] } ?? []
        let map = sound == nil ? [] : ["-map", "\(colors.count):a", "-c:a", "pcm_s16le"]
        let length = seconds ?? Double(colors.count)
        try run(
            "ffmpeg",
            ["-v", "error", "-y"] + inputs + audio + ["-filter_complex", chain, "-map", "[v]"] + map
                + ["-t", "\(length)", "-c:v", "libx264", "-pix_fmt", "yuv420p", path]
        )
    }

    @discardableResult
    static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(arguments: arguments, output: output)
        }
        return output
    }
}
