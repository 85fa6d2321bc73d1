import Foundation
import Testing

@testable import Media

/// Single pictures, sequences and thumbnails, as ffmpeg reads them.
@Suite struct PictureWriterTests {
    private func decoded(_ path: String) throws -> [UInt8] {
        [UInt8](
            try FFmpegTool.run([
                "-i", path, "-vf", "scale=flags=accurate_rnd+full_chroma_int", "-pix_fmt", "rgb24",
                "-f", "rawvideo", "-",
            ])
        )
    }

    private let smooth = WrittenMovie.pictures(2, width: 61, height: 47) { picture, x, y in
        [UInt8(4 * x), UInt8(255 - 5 * y), UInt8(100 * picture + x + y)]
    }

    @Test(
        "each format gives its picture back, of odd sides too",
        arguments: [("png", 0.0), ("jpg", 1.5), ("webp", 2.5)]
    )
    func formats(ending: String, mean: Double) throws {
        guard ending != "webp" || FFmpegTool.has(["libwebp"]) else { return }
        let path = try WrittenMovie.path(ending)
        defer { WrittenMovie.remove(path) }
        try PictureWriter.write(smooth, index: 1, to: path, quality: 95)
        let expected = Array(smooth.bytes.suffix(61 * 47 * 3))
        let apart = try #require(difference(try decoded(path), expected))
        #expect(apart.mean <= mean, "\(apart)")
        let own = try ClipReader(path: path).frames(indices: [0], geometry: .whole(61, 47))
        #expect(try #require(difference(own.bytes, expected)).mean <= mean)
    }

    @Test("a lower quality makes a smaller and a worse file", arguments: ["jpg", "webp"])
    func quality(ending: String) throws {
        guard ending != "webp" || FFmpegTool.has(["libwebp"]) else { return }
        let noise = WrittenMovie.pictures(1, width: 64, height: 64) { _, x, y in
            let value = UInt8(truncatingIfNeeded: (x * 7919 + y * 104_729) * (x + 3 * y))
            return [value, value / 2, 255 - value]
        }
        let measured = try [30, 90, 100].map { quality -> (size: Int, mean: Double) in
            let path = try WrittenMovie.path(ending)
            defer { WrittenMovie.remove(path) }
            try PictureWriter.write(noise, to: path, quality: quality)
            let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
            return (size, try #require(difference(try decoded(path), noise.bytes)).mean)
        }
        #expect(measured[0].size < measured[1].size && measured[1].size < measured[2].size)
        #expect(measured[0].mean > measured[1].mean && measured[1].mean > measured[2].mean)
    }

    @Test("the tables of JPEG are libjpeg's: of quality 90 and 50")
    func tables() {
        let tables = JPEGTables(quality: 90)
        #expect(tables.luma.prefix(8) == [3, 2, 2, 3, 5, 8, 10, 12])
        #expect(tables.chroma.prefix(4) == [3, 4, 5, 9])
        #expect(JPEGTables(quality: 50).luma.prefix(3) == [16, 11, 10])
        #expect(JPEGTables(quality: 100).luma.allSatisfy { $0 == 1 })
    }

    @Test("a sequence is numbered from 000001 and goes on")
    func sequence() throws {
        let folder = FFmpegTool.folder.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var writer = PictureSequenceWriter(folder: folder.path)
        try writer.append(WrittenMovie.moving(3))
        try writer.append(WrittenMovie.moving(1, from: 3))
        #expect(writer.count == 4)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["000001.png", "000002.png", "000003.png", "000004.png"])
        let all = [UInt8](
            try FFmpegTool.run([
                "-i", folder.path + "/%06d.png", "-pix_fmt", "rgb24", "-f", "rawvideo", "-",
            ])
        )
        #expect(all == WrittenMovie.moving(4).bytes)
    }

    @Test("a thumbnail is the middle of the picture, 300 pixels wide and high")
    func thumbnail() throws {
        let path = try WrittenMovie.path("jpg")
        defer { WrittenMovie.remove(path) }
        // Left quarter red, right quarter green, the middle blue: only the middle is kept.
        let wide = WrittenMovie.pictures(1, width: 256, height: 128) { _, x, _ in
            x < 64 ? [255, 0, 0] : x >= 192 ? [0, 255, 0] : [0, 0, 255]
        }
        try PictureWriter.writeThumbnail(wide, to: path)
        let info = try #require(try MediaProbe.probe(path).video)
        #expect(info.width == 300 && info.height == 300)
        let bytes = try decoded(path)
        func mean(_ channel: Int) -> Double {
            let values = stride(from: channel, to: bytes.count, by: 3).map { Double(bytes[$0]) }
            return values.reduce(0, +) / Double(values.count)
        }
        #expect(mean(0) < 4 && mean(1) < 4 && mean(2) > 250)
    }

    @Test("pictures that cannot be written are refused with the reason")
    func failures() throws {
        func failure(_ body: () throws -> Void) -> String? {
            let error = #expect(throws: MediaError.self) { try body() }
            return error?.description
        }
        #expect(
            failure { try PictureWriter.write(smooth, to: "out.gif") }
                == "out.gif: the name does not tell the kind of picture; let it end with .png, .jpg "
                + "or .webp"
        )
        #expect(
            failure { try PictureWriter.write(smooth, to: "/nowhere/out.png") }
                == "/nowhere/out.png: its folder does not exist; make the folder first"
        )
        #expect(
            failure { _ = try PictureEncoder.encode(smooth, as: .png, index: 2) }
                == "picture: picture 2 is to be written and there are 2, counted from 0; choose one "
                + "of these"
        )
    }
}
