import Foundation
import Testing

@testable import Media

/// Movies that are written, as the ffmpeg and ffprobe programs read them.
@Suite(.enabled(if: FFmpegTool.has(["libx264", "aac"]))) struct MovieWriterTests {
    @Test(
        "ffprobe finds the exact rate, size, formats and colour tags",
        arguments: [
            (24.0, "24/1"), (25, "25/1"), (30, "30/1"), (23.976, "24000/1001"), (12.5, "25/2"),
        ]
    )
    func facts(rate: Double, fraction: String) throws {
        let path = try WrittenMovie.path("mp4")
        defer { WrittenMovie.remove(path) }
        let sound = MovieSound(sampleRate: 24000, channels: 1)
        let writer = try MovieWriter(path: path, size: (64, 48), frameRate: rate, sound: sound)
        try writer.append(frames: WrittenMovie.moving(9))
        try writer.finish()

        let video = try FFmpegTool.probe(
            path,
            "stream=codec_name,pix_fmt,width,height,r_frame_rate,avg_frame_rate,nb_frames,"
                + "color_range,color_space,color_primaries,color_transfer,chroma_location,start_time"
        )
        // The keys of the second stream, the sound, come last: these are the pictures' alone.
        #expect(video["width"] == "64" && video["height"] == "48" && video["pix_fmt"] == "yuv420p")
        #expect(video["color_range"] == "tv" && video["color_space"] == "bt709")
        #expect(video["color_primaries"] == "bt709" && video["color_transfer"] == "bt709")
        #expect(video["chroma_location"] == "left")
        let info = try MediaProbe.probe(path)
        let times = try #require(info.video)
        #expect(times.codec == "h264" && times.frameCount == 9 && !times.isVariableFrameRate)
        let exact = try #require(ExactRate(rate))
        #expect("\(exact.numerator)/\(exact.denominator)" == fraction)
        #expect(abs(times.frameRate - exact.value) < 1e-6)
        let streams = try FFmpegTool.rates(path)
        #expect(streams == [fraction, fraction])
    }

    @Test("mean colours of patches come back within 2 of 255", arguments: [64, 768])
    func colours(height: Int) throws {
        let path = try WrittenMovie.path("mp4")
        defer { WrittenMovie.remove(path) }
        let width = 2 * height
        let writer = try MovieWriter(path: path, size: (width, height), frameRate: 24, sound: nil)
        let patches = WrittenMovie.patches(2, width: width, height: height)
        try writer.append(frames: patches)
        try writer.finish()

        // As a player does it: ffmpeg takes matrix and range from the tags alone.
        let decoded = [UInt8](
            try FFmpegTool.run([
                "-i", path, "-frames:v", "1", "-vf", "scale=flags=accurate_rnd+full_chroma_int",
                "-pix_fmt", "rgb24", "-f", "rawvideo", "-",
            ])
        )
        let means = WrittenMovie.means(decoded, width: width, height: height)
        for (mean, colour) in zip(means, WrittenMovie.colours) {
            for (got, expected) in zip(mean, colour) {
                #expect(abs(got - Double(expected)) <= 2, "\(mean) for \(colour)")
            }
        }
        let own = try ClipReader(path: path).frames(indices: [0], geometry: .whole(width, height))
        for (mean, colour) in zip(
            WrittenMovie.means(own.bytes, width: width, height: height),
            WrittenMovie.colours
        ) {
            #expect(zip(mean, colour).allSatisfy { abs($0 - Double($1)) <= 2 })
        }
    }

    @Test("colours lie where the tag says: an edge of red is not moved")
    func chromaPlace() throws {
        let path = try WrittenMovie.path("mp4")
        defer { WrittenMovie.remove(path) }
        let edge = WrittenMovie.pictures(1, width: 64, height: 32) { _, x, _ in
            // A ramp of colour whose middle is at a known place, at constant brightness of blue.
            let step = min(255, max(0, (x - 24) * 16))
            return [UInt8(step), UInt8(128 - step / 4), 128]
        }
        let writer = try MovieWriter(
            path: path,
            pictures: MoviePictures(width: 64, height: 32, frameRate: 24, quality: 1),
            sound: nil
        )
        try writer.append(frames: edge)
        try writer.finish()
        let back = try ClipReader(path: path).frames(indices: [0], geometry: .whole(64, 32))
        let apart = try #require(difference(back.bytes, edge.bytes))
        #expect(apart.mean < 1.5 && apart.largest < 20, "\(apart)")
    }

    @Test("each picture comes back in its place, given at once or one by one")
    func order() throws {
        let path = try WrittenMovie.path("mp4")
        defer { WrittenMovie.remove(path) }
        let writer = try MovieWriter(path: path, size: (64, 48), frameRate: 24, sound: nil)
        try writer.append(frames: WrittenMovie.moving(10))
        for picture in 10..<25 { try writer.append(frames: WrittenMovie.moving(1, from: picture)) }
        let result = try writer.finish()
        #expect(result.frameCount == 25 && abs(result.seconds - 25.0 / 24) < 1e-9)
        let pictures = WrittenMovie.moving(25)
        let back = try ClipReader(path: path).frames(
            indices: Array(0..<25),
            geometry: .whole(64, 48)
        )
        let apart = try #require(difference(back.bytes, pictures.bytes))
        #expect(apart.mean < 1.5, "\(apart)")
    }

    @Test("a file's index lies in front of its data, and nothing else is left")
    func fastStart() throws {
        let path = try WrittenMovie.path("mp4")
        defer { WrittenMovie.remove(path) }
        let writer = try MovieWriter(path: path, size: (64, 48), frameRate: 24, sound: nil)
        try writer.append(frames: WrittenMovie.moving(4))
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(FileManager.default.fileExists(atPath: path + ".partial"))
        try writer.finish()
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let index = try #require(data.range(of: Data("moov".utf8)))
        let content = try #require(data.range(of: Data("mdat".utf8)))
        #expect(index.lowerBound < content.lowerBound)
        #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
    }

    @Test("title, comment, prompt and seed are read by ffprobe and by MediaProbe")
    func metadata() throws {
        let path = try WrittenMovie.path("mp4")
        defer { WrittenMovie.remove(path) }
        let texts: MovieMetadata = [
            "title": "Rain", "comment": "step 250", "description": "preview", "seed": "42",
            "prompt": "She says: “Grüß Gott!” = 😀, " + String(repeating: "and on ", count: 300),
            "adapter": "anna_000000250.safetensors:voice=0.5",
        ]
        let sound = MovieSound(sampleRate: 48000, channels: 2)
        let writer = try MovieWriter(
            path: path,
            size: (64, 48),
            frameRate: 24,
            sound: sound,
            metadata: texts
        )
        try writer.append(frames: WrittenMovie.moving(2))
        try writer.finish()
        let probed = try FFmpegTool.probe(path, "format_tags")
        let own = try MediaProbe.probe(path).metadata
        for (key, value) in texts.values {
            #expect(probed["TAG:" + key] == value)
            #expect(own[key] == value)
        }
    }
}
