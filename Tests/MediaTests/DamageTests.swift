import Foundation
import Testing

@testable import Media

/// Broken, cut and silent files: each gets its own answer.
@Suite struct DamageTests {
    private static let x264 = FFmpegTool.has(["libx264", "aac"])
    private static let needed: Comment = "this ffmpeg has no libx264 or no aac"

    private func base() throws -> String {
        try FFmpegTool.clip(
            "damage-base.mp4",
            ["-f", "lavfi", "-i", "testsrc2=s=160x120:r=24:d=2"]
                + ["-f", "lavfi", "-i", "aevalsrc=0.3*sin(880*t)+0.1*random(0):s=48000:d=2"]
                + ["-c:v"] + TestClip.x264
                + ["-c:a", "aac", "-movflags", "+faststart"]
        )
    }

    /// Overwrites packets of one stream (`v` or `a`) from number `from` on, except their first
    /// bytes, with noise that is the same every time.
    private func damaged(_ name: String, stream: String, packets: Range<Int>) throws -> String {
        let source = try base()
        return try FFmpegTool.make(name) { path in
            var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: source)))
            let places = try Self.places(source, stream)
            var noise = UInt32(1)
            for place in places[packets] {
                for at in place.dropFirst(stream == "v" ? 8 : 0) {
                    noise = noise &* 1_664_525 &+ 1_013_904_223
                    bytes[at] = UInt8(noise >> 24)
                }
            }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
    }

    /// Where the packets of a stream lie in the file, as ffprobe says.
    private static func places(_ path: String, _ stream: String) throws -> [Range<Int>] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "ffprobe", "-v", "error", "-select_streams", "\(stream):0", "-show_entries",
            "packet=pos,size", "-of", "default=nk=1:nw=1", path,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let numbers = String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap {
            Int($0)
        }
        return stride(from: 0, to: numbers.count - 1, by: 2).map {
            numbers[$0 + 1]..<numbers[$0 + 1] + numbers[$0]
        }
    }

    @Test("a damaged picture is an error that names its time", .enabled(if: Self.x264, Self.needed))
    func damagedPicture() throws {
        let path = try damaged("damaged-picture.mp4", stream: "v", packets: 24..<25)
        let reader = try ClipReader(path: path)
        let error = try #require(
            #expect(throws: MediaError.self) {
                try reader.frames(indices: Array(20..<40), geometry: .whole(16, 16))
            }
        )
        #expect(error.kind == .undecodable)
        #expect(try #require(error.seconds) >= 20.0 / 24 && error.seconds ?? 9 <= 26.0 / 24)
        #expect(error.description.hasPrefix("\(path) at 1 s: the picture is damaged ("))
        #expect(error.description.hasSuffix("; export the clip again or cut this part off"))
    }

    @Test("damage outside of the window does no harm", .enabled(if: Self.x264, Self.needed))
    func damageElsewhere() throws {
        let path = try damaged("damaged-picture.mp4", stream: "v", packets: 24..<25)
        let (broken, whole) = (try ClipReader(path: path), try ClipReader(path: base()))
        for indices in [Array(0..<20), Array(37..<48)] {
            #expect(
                try broken.frames(indices: indices, geometry: .whole(16, 16))
                    == whole.frames(indices: indices, geometry: .whole(16, 16))
            )
        }
    }

    @Test(
        "sound that fails to decode is an error, never silence",
        .enabled(if: Self.x264, Self.needed)
    )
    func damagedSound() throws {
        let path = try damaged("damaged-sound.mp4", stream: "a", packets: 40..<60)
        let reader = try ClipReader(path: path)
        let error = try #require(
            #expect(throws: MediaError.self) { try reader.sound(from: 0, duration: 2) }
        )
        #expect(error.kind == .undecodable)
        #expect(abs(try #require(error.seconds) - 39 * 1024.0 / 48000) < 0.05)
        #expect(error.description.contains(" s: the sound is damaged ("))
        guard case .sound = try reader.sound(from: 0, duration: 0.7) else {
            Issue.record("the whole part of the sound was lost")
            return
        }
    }

    @Test("a sound stream that is all garbage is an error", .enabled(if: Self.x264, Self.needed))
    func garbageSound() throws {
        let path = try damaged("garbage-sound.mp4", stream: "a", packets: 0..<94)
        let reader = try ClipReader(path: path)
        #expect(reader.info.audio?.codec == "aac")
        #expect(throws: MediaError.self) { try reader.sound(from: 0.5, duration: 1) }
    }

    @Test("no stream and a silent stream are two answers", .enabled(if: Self.x264, Self.needed))
    func absentAndSilent() throws {
        let mute = try FFmpegTool.clip("mute.mp4", ["-i", base(), "-c", "copy", "-an"])
        let quiet = try FFmpegTool.clip(
            "quiet.mp4",
            ["-i", base(), "-c:v", "copy", "-af", "volume=0", "-c:a", "aac"]
        )
        #expect(try ClipReader(path: mute).sound(from: 0, duration: 1) == .absent)
        guard case .silent(let waveform) = try ClipReader(path: quiet).sound(from: 0, duration: 1)
        else {
            Issue.record("the silent stream was not told")
            return
        }
        #expect(waveform.samples.map(\.count) == [16000, 16000] && waveform.peak < 0.001)
    }

    @Test(
        "a file that is cut off says so",
        .enabled(if: Self.x264, Self.needed),
        arguments: ["mp4", "mkv"]
    )
    func truncated(container: String) throws {
        let whole = try FFmpegTool.clip(
            "whole.\(container)",
            ["-i", base(), "-c", "copy", "-movflags", "+faststart"]
        )
        let path = try FFmpegTool.make("truncated.\(container)") { path in
            let data = try Data(contentsOf: URL(fileURLWithPath: whole))
            try data.prefix(data.count * 6 / 10).write(to: URL(fileURLWithPath: path))
        }
        let error = try #require(#expect(throws: MediaError.self) { try MediaProbe.probe(path) })
        #expect(error.kind == .truncated)
        #expect((0.5...1.8).contains(try #require(error.seconds)))
        #expect(error.description.contains(" s: the file is cut off here: "))
        #expect(error.description.hasSuffix("; copy or download it again"))
    }

    @Test("an index that is cut off makes a file unreadable", .enabled(if: Self.x264, Self.needed))
    func truncatedIndex() throws {
        let whole = try FFmpegTool.clip("index-last.mp4", ["-i", base(), "-c", "copy"])
        let path = try FFmpegTool.make("truncated-index.mp4") { path in
            let data = try Data(contentsOf: URL(fileURLWithPath: whole))
            try data.prefix(data.count / 2).write(to: URL(fileURLWithPath: path))
        }
        let error = #expect(throws: MediaError.self) { try ClipReader(path: path) }
        #expect(error?.kind == .notMedia)
    }

    @Test("files that are no media are refused with the reason")
    func notMedia() throws {
        let empty = try FFmpegTool.make("empty.mp4") {
            try Data().write(to: URL(fileURLWithPath: $0))
        }
        let text = try FFmpegTool.make("text.mp4") {
            try Data("this is a caption, not a clip\n".utf8).write(to: URL(fileURLWithPath: $0))
        }
        let list = try FFmpegTool.make("list.mp4") {
            try Data("#EXTM3U\n#EXTINF:1,\n\(text)\n".utf8).write(to: URL(fileURLWithPath: $0))
        }
        func failure(_ path: String) -> MediaError? {
            #expect(throws: MediaError.self) { try MediaProbe.probe(path) }
        }
        #expect(
            failure(empty)?.description == "\(empty): the file is empty; copy or export it again"
        )
        #expect(failure(text)?.kind == .notMedia)
        #expect(
            failure(text)?.description.hasPrefix(
                "\(text): this is not a video, sound or picture file, or its header is damaged"
            )
                == true
        )
        #expect(failure(list)?.kind == .notMedia)
        #expect(
            failure("/nowhere/clip.mp4")?.description
                == "/nowhere/clip.mp4: there is no file that can be read; check the path and the "
                + "file's permissions"
        )
        #expect(failure(FFmpegTool.folder.path)?.kind == .notMedia)
    }

    @Test(
        "requests outside of the clip are refused with the reason",
        .enabled(if: Self.x264, Self.needed)
    )
    func requests() throws {
        let path = try base()
        let reader = try ClipReader(path: path)
        func failure(_ body: () throws -> Void) -> MediaError? {
            #expect(throws: MediaError.self) { try body() }
        }
        let late = failure { _ = try reader.frames(at: [1.5, 2.5], geometry: .whole(8, 8)) }
        #expect(
            late?.description == "\(path) at 2.5 s: no picture is there; the clip lasts from 0 to "
                + "2 s; choose a shorter window or leave the clip out"
        )
        #expect(late?.kind == .tooShort)
        let number = failure { _ = try reader.frames(indices: [48], geometry: .whole(8, 8)) }
        #expect(
            number?.description == "\(path): picture 48 was asked for and the clip has 48, counted "
                + "from 0; choose a shorter window or leave the clip out"
        )
        var geometry = FrameGeometry.whole(8, 8)
        geometry.cropX = 1
        let crop = failure { _ = try reader.frames(at: [0], geometry: geometry) }
        #expect(
            crop?.description
                == "\(path): a crop of 8x8 at (1, 0) is not inside the scaled picture "
                + "of 8x8; use sides from 1 to 16384 and a crop inside the scaled picture"
        )
        for (start, duration) in [(0.0, 0.0), (.nan, 1), (0, .infinity), (0, -1)] {
            let window = failure { _ = try reader.sound(from: start, duration: duration) }
            #expect(window?.kind == .invalidRequest)
        }
    }
}
