import Foundation
import Testing

@testable import Media

/// Pictures, against what the ffmpeg program decodes from the same file.
@Suite struct PictureTests {
    @Test("every picture is the one that ffmpeg decodes", arguments: TestClip.all)
    func everyPicture(clip: TestClip) throws {
        let path = try clip.path()
        let reader = try ClipReader(path: path)
        let video = try #require(reader.info.video)
        let reference = try FFmpegTool.pictures(
            path,
            40,
            32,
            matrix: "bt601",
            pixelFormat: video.pixelFormat
        )
        let count = reference.count / (40 * 32 * 3)
        #expect(video.frameCount == count)
        #expect(video.codec == clip.codec)
        #expect(video.width == (clip.name.contains("odd") ? 63 : 64))

        let frames = try reader.frames(indices: Array(0..<count), geometry: .whole(40, 32))
        // ffmpeg's own scaler misplaces the colours of odd sides (see the tests against PIL), so
        // there only brightness can be compared, and colours beyond RGB still count a little.
        let hasHalfBlocks = video.width % 2 == 1 && video.pixelFormat.contains("420")
        let apart = try #require(
            hasHalfBlocks
                ? difference(brightness(frames.bytes), brightness(reference))
                : difference(frames.bytes, reference)
        )
        let limit = hasHalfBlocks ? (largest: 24, mean: 1.6) : (largest: 12, mean: 0.8)
        #expect(apart.largest <= limit.largest && apart.mean < limit.mean, "\(apart)")
    }

    private func brightness(_ bytes: [UInt8]) -> [UInt8] {
        stride(from: 0, to: bytes.count, by: 3).map { at in
            let (red, green, blue) = (Int(bytes[at]), Int(bytes[at + 1]), Int(bytes[at + 2]))
            return UInt8((299 * red + 587 * green + 114 * blue) / 1000)
        }
    }

    @Test("an unscaled picture is the very one that ffmpeg decodes")
    func unscaled() throws {
        let clip = try #require(TestClip.all.first { $0.name == "ffv1-odd.mkv" })
        let reference = try FFmpegTool.pictures(
            clip.path(),
            63,
            47,
            matrix: "bt601",
            pixelFormat: "yuv444p"
        )
        let frames = try ClipReader(path: clip.path())
            .frames(indices: Array(0..<24), geometry: .whole(63, 47))
        #expect(try #require(difference(frames.bytes, reference)).largest == 0)
    }

    @Test("a picture in the middle is the same after a seek", arguments: TestClip.all)
    func seek(clip: TestClip) throws {
        let reader = try ClipReader(path: clip.path())
        let all = try reader.frames(indices: Array(0..<22), geometry: .whole(16, 16))
        let size = 16 * 16 * 3
        for index in [5, 12, 13, 19, 21] {
            let one = try reader.frames(indices: [index], geometry: .whole(16, 16))
            #expect(one.bytes == Array(all.bytes[index * size..<(index + 1) * size]))
        }
    }

    @Test("order and repeats of the request are kept")
    func order() throws {
        let reader = try ClipReader(path: TestClip.all[0].path())
        let geometry = FrameGeometry.whole(16, 16)
        let size = 16 * 16 * 3
        let frames = try reader.frames(indices: [20, 3, 20], geometry: geometry)
        let late = try reader.frames(indices: [20], geometry: geometry)
        let early = try reader.frames(indices: [3], geometry: geometry)
        #expect(frames.frameCount == 3)
        #expect(Array(frames.bytes[0..<size]) == late.bytes)
        #expect(Array(frames.bytes[size..<2 * size]) == early.bytes)
        #expect(Array(frames.bytes[(2 * size)...]) == late.bytes)
    }

    @Test("crop and flips are cut from the scaled picture")
    func cropAndFlip() throws {
        let reader = try ClipReader(path: TestClip.all[0].path())
        let whole = try reader.frames(indices: [4], geometry: .whole(40, 32)).bytes
        for (flipX, flipY) in [(false, false), (true, false), (false, true), (true, true)] {
            let cut = try reader.frames(
                indices: [4],
                geometry: FrameGeometry(
                    scaledWidth: 40,
                    scaledHeight: 32,
                    cropX: 7,
                    cropY: 5,
                    cropWidth: 16,
                    cropHeight: 8,
                    flipX: flipX,
                    flipY: flipY
                )
            )
            var expected: [UInt8] = []
            for y in 0..<8 {
                for x in 0..<16 {
                    let column = 7 + (flipX ? 15 - x : x)
                    let at = ((5 + (flipY ? 7 - y : y)) * 40 + column) * 3
                    expected += whole[at..<at + 3]
                }
            }
            #expect(cut.bytes == expected)
        }
    }

    @Test(
        "the file's matrix and range bring back the colours that were encoded",
        .enabled(if: FFmpegTool.has(["libx264"]), "this ffmpeg has no libx264"),
        arguments: ["bt709", "bt601", "bt2020"],
        ["tv", "pc"]
    )
    func colours(matrix: String, range: String) throws {
        let tag = ["bt709": "bt709", "bt601": "smpte170m", "bt2020": "bt2020nc"][matrix] ?? ""
        let filter = "scale=out_color_matrix=\(matrix):out_range=\(range),format=yuv444p10le"
        let colour: [Int] = [200, 60, 30]
        let path = try FFmpegTool.clip(
            "colour-\(matrix)-\(range).mp4",
            ["-f", "lavfi", "-i", "color=c=0xC83C1E:s=64x48:r=24:d=0.2,format=gbrp"]
                + ["-vf", filter, "-c:v", "libx264", "-qp", "1"]
                + ["-colorspace", tag, "-color_range", range]
        )
        let frame = try ClipReader(path: path).frames(indices: [2], geometry: .whole(32, 32))
        for channel in 0..<3 {
            let mean =
                stride(from: channel, to: frame.bytes.count, by: 3)
                .reduce(0) { $0 + Int(frame.bytes[$1]) } / (32 * 32)
            #expect(abs(mean - colour[channel]) <= 2)
        }
    }

    @Test("a matrix that is not named is BT.709 from 720 lines on")
    func unnamedMatrix() throws {
        let path = try FFmpegTool.clip(
            "unnamed-720.avi",
            ["-f", "lavfi", "-i", "testsrc2=s=960x720:r=24:d=0.1", "-c:v", "mpeg4", "-q:v", "3"]
        )
        let frames = try ClipReader(path: path).frames(indices: [0], geometry: .whole(48, 36))
        let named = try FFmpegTool.pictures(path, 48, 36, matrix: "bt709")
        let apart = try #require(
            difference(frames.bytes, Array(named.prefix(frames.bytes.count)))
        )
        #expect(apart.mean < 0.8, "\(apart)")
    }
}
