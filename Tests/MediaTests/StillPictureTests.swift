import Foundation
import Testing

@testable import Media

/// Picture files, against recorded results of PIL; `Fixtures/README.md` names the script.
@Suite struct StillPictureTests {
    private func fixture(_ name: String) throws -> URL {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        return folder.appendingPathComponent(name)
    }

    // JPEG and WebP have colours at half resolution; PIL's decoders interpolate them otherwise.
    @Test(
        "resizing is close to PIL's BICUBIC",
        arguments: [("photo.png", 0.8), ("photo.jpg", 2), ("photo.webp", 2)],
        [(40, 30), (72, 48), (120, 90)]
    )
    func resize(file: (name: String, mean: Double), size: (Int, Int)) throws {
        let (width, height) = size
        let reader = try ClipReader(path: fixture(file.name).path)
        let frame = try reader.frames(at: [0], geometry: .whole(width, height))
        let expected = [UInt8](
            try Data(contentsOf: fixture("\(file.name)-\(width)x\(height).rgb"))
        )
        let apart = try #require(difference(frame.bytes, expected))
        #expect(apart.mean < file.mean && apart.largest <= 24, "\(apart)")
    }

    @Test("a picture is a clip of one frame, without sound", arguments: ["png", "jpg", "webp"])
    func oneFrame(ending: String) throws {
        let reader = try ClipReader(path: fixture("photo.\(ending)").path)
        let video = try #require(reader.info.video)
        #expect(reader.info.isImage && reader.info.duration == 0 && reader.info.audio == nil)
        #expect(video.frameCount == 1 && video.width == 97 && video.height == 73)
        #expect(try reader.sound(from: 0, duration: 1) == .absent)
        let frames = try reader.frames(at: [0, 3], geometry: .whole(8, 8))
        #expect(frames.frameCount == 2 && frames.bytes.prefix(192) == frames.bytes.suffix(192))
    }

    @Test("EXIF orientation is applied", arguments: ["png", "jpg", "webp"], 1...8)
    func orientation(ending: String, value: Int) throws {
        let name = "turned-\(value).\(ending)"
        let reader = try ClipReader(path: fixture(name).path)
        let video = try #require(reader.info.video)
        #expect(video.width == (value < 5 ? 24 : 16) && video.height == (value < 5 ? 16 : 24))
        let frame = try reader.frames(at: [0], geometry: .whole(video.width, video.height))
        let expected = [UInt8](try Data(contentsOf: fixture("\(name).rgb")))
        let apart = try #require(difference(frame.bytes, expected))
        #expect(apart.mean < (ending == "jpg" ? 4 : 1), "\(apart)")
    }

    @Test("a picture is known by its bytes, not by its name")
    func misnamed() throws {
        let source = try fixture("photo.png")
        let path = try FFmpegTool.make("misnamed.jpg") {
            try Data(contentsOf: source).write(to: URL(fileURLWithPath: $0))
        }
        #expect(try MediaProbe.probe(path).video?.codec == "png")
    }

    @Test("a picture that is cut off is an error", arguments: ["png", "jpg", "webp"])
    func truncated(ending: String) throws {
        let source = try fixture("photo.\(ending)")
        let path = try FFmpegTool.make("truncated.\(ending)") {
            let data = try Data(contentsOf: source)
            try data.prefix(data.count / 2).write(to: URL(fileURLWithPath: $0))
        }
        let error = #expect(throws: MediaError.self) { try MediaProbe.probe(path) }
        #expect(
            error?.description == "\(path): the picture is damaged or cut short; copy or export it "
                + "again (animated WebP is not supported)"
        )
    }

    @Test("damaged EXIF blocks never stop the program")
    func damagedExif() throws {
        for ending in ["png", "jpg", "webp"] {
            let bytes = [UInt8](try Data(contentsOf: fixture("turned-6.\(ending)")))
            let format = try #require(StillFormat(firstBytes: bytes))
            var state: UInt64 = 1
            for _ in 0..<300 {
                var broken = bytes
                for _ in 0..<4 {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    broken[Int(state >> 33) % min(200, broken.count)] = UInt8(state >> 56)
                }
                _ = ExifOrientation(broken).read(format)
                _ = ExifOrientation(Array(broken.prefix(Int(state >> 40) % 200))).read(format)
            }
            #expect(ExifOrientation(bytes).read(format).rotation == 90)
        }
    }
}
