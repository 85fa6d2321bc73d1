import Foundation

/// A folder with clips that `ffmpeg` and `espeak-ng` make; gone after the test.
final class MadeClips: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "likeness-cutting-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Runs a program in the folder.
    @discardableResult
    func run(_ program: String, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(program) \(arguments.joined(separator: " ")) failed")
        }
        return data
    }

    /// A clip of a moving picture with a tone, or with none for a frequency of 0.
    func clip(_ name: String, seconds: Double, tone: Int = 440) throws -> String {
        let sound =
            tone == 0 ? [] : ["-f", "lavfi", "-i", "sine=f=\(tone):d=\(seconds)", "-c:a", "aac"]
        try run(
            "ffmpeg",
            ["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=24:d=\(seconds)"] + sound
                + ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", path(name)]
        )
        return path(name)
    }

    /// A clip in which a voice says sentences, with pauses before, between and behind them.
    ///
    /// - Returns: the clip, and each pause's begin and end in seconds.
    func talk(_ name: String, pauses: [Double]) throws -> (path: String, pauses: [Range<Double>]) {
        let sentences = [
            "We went to the market in the morning", "Nobody knew where the old road began",
            "Later they came home and told us everything",
        ]
        var (list, time, ranges) = ("", 0.0, [Range<Double>]())
        for (number, pause) in pauses.enumerated() {
            try silence("pause-\(number).wav", pause)
            list += "file pause-\(number).wav\n"
            ranges.append(time..<time + pause)
            time += pause
            guard number < sentences.count, number < pauses.count - 1 else { continue }
            time += try speech("voice-\(number).wav", sentences[number])
            list += "file voice-\(number).wav\n"
        }
        try Data(list.utf8).write(to: URL(fileURLWithPath: path("list.txt")))
        try run("ffmpeg", ["-v", "error", "-f", "concat", "-i", "list.txt", "-y", "all.wav"])
        try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=24:d=\(time)", "-i",
                "all.wav",
            ]
                + ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
                + [path(name)]
        )
        return (path(name), ranges)
    }

    private func silence(_ name: String, _ seconds: Double) throws {
        try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "anoisesrc=a=0.0005:r=16000:d=\(seconds)",
                path(name),
            ]
        )
    }

    /// A sentence without silence at both ends; its length in seconds.
    private func speech(_ name: String, _ sentence: String) throws -> Double {
        try run("espeak-ng", ["-v", "en-us", "-w", path("raw.wav"), sentence])
        let trim = "silenceremove=start_periods=1:start_threshold=-50dB,areverse"
        try run(
            "ffmpeg",
            ["-v", "error", "-y", "-i", path("raw.wav"), "-af", "\(trim),\(trim)", "-ar", "16000"]
                + [path(name)]
        )
        let length = try run(
            "ffprobe",
            ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path(name)]
        )
        let text = String(decoding: length, as: UTF8.self).split(separator: "\n").first
        guard let seconds = text.flatMap({ Double($0) }) else {
            throw Failure(description: "\(name) has no length")
        }
        return seconds
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }

    func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Names in the folder, or in one below it.
    func names(_ below: String = "") -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path(below))
        return (names ?? []).sorted()
    }
}
