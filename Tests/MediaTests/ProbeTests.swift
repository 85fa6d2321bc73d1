import Foundation
import Testing

@testable import Media

/// What a file is said to hold: sizes as shown, counts and times as presented.
@Suite struct ProbeTests {
    private static let x264 = FFmpegTool.has(["libx264", "aac"])
    private static let needed: Comment = "this ffmpeg has no libx264 or no aac"

    private func base() throws -> String {
        try TestClip("h264.mp4", codec: "h264", video: TestClip.x264 + ["-pix_fmt", "yuv420p"])
            .path()
    }

    @Test("size, rate, count and formats are read", .enabled(if: x264, needed))
    func plain() throws {
        let info = try MediaProbe.probe(base())
        let video = try #require(info.video)
        #expect(video.width == 64 && video.height == 48 && video.frameCount == 24)
        #expect(video.frameRate == 24 && !video.isVariableFrameRate && video.rotation == 0)
        #expect(video.codec == "h264" && video.pixelFormat == "yuv420p" && !video.isHDR)
        let audio = try #require(info.audio)
        #expect(audio.codec == "aac" && audio.sampleRate == 48000 && audio.channels == 2)
        #expect(audio.layout == "stereo" && abs(audio.duration - 1) < 0.025)
        #expect(abs(info.duration - 1) < 1e-9 && !info.isImage)
    }

    @Test("rate and count do not depend on the container's clock", arguments: TestClip.all)
    func containers(clip: TestClip) throws {
        let video = try #require(try MediaProbe.probe(clip.path()).video)
        let rate = clip.name.contains("29.97") ? 30000.0 / 1001 : 24
        #expect(abs(video.frameRate - rate) < 0.05)
        #expect(!video.isVariableFrameRate)
        #expect(video.frameCount == (clip.name.contains("29.97") ? 30 : 24))
    }

    @Test("uneven pictures are found at their own times", .enabled(if: x264, needed))
    func variableRate() throws {
        // Pictures 0...11 at 24 per second, then every third one.
        let path = try FFmpegTool.clip(
            "vfr.mp4",
            ["-i", base(), "-vf", "select='lt(n,12)+not(mod(n,3))'", "-an"]
                + ["-fps_mode", "vfr", "-c:v", "libx264", "-qp", "1", "-enc_time_base", "1/24"]
        )
        let reader = try ClipReader(path: path)
        let video = try #require(reader.info.video)
        #expect(video.isVariableFrameRate && video.frameCount == 16)

        let times = [0.0, 11.0 / 24, 14.0 / 24, 15.0 / 24, 16.4 / 24, 20.9 / 24]
        let byTime = try reader.frames(at: times, geometry: .whole(32, 24))
        let byIndex = try reader.frames(
            indices: [0, 11, 12, 13, 13, 15],
            geometry: .whole(32, 24)
        )
        #expect(byTime == byIndex)
    }

    @Test("a time a little off still means the picture that belongs to it")
    func tolerance() {
        let timeline = PictureTimeline(
            ticks: [0, 10, 20, 30],
            tick: 0.01,
            lastTicks: 10,
            declaredRate: 10
        )
        #expect(timeline.index(at: 0.0999) == 1)
        #expect(timeline.index(at: 0.1) == 1)
        #expect(timeline.index(at: 0.14) == 1)
        #expect(timeline.index(at: 0.15) == 1)
        #expect(timeline.index(at: 0.16) == 2)
        #expect(timeline.index(at: -0.04) == 0)
        #expect(timeline.index(at: -0.06) == nil)
        #expect(timeline.index(at: 0.44) == 3)
        #expect(timeline.index(at: 0.46) == nil)
    }

    @Test("rotated clips are shown upright", .enabled(if: x264, needed), arguments: [90, 180, 270])
    func rotation(degrees: Int) throws {
        let path = try FFmpegTool.clip(
            "rotated-\(degrees).mp4",
            ["-display_rotation", "\(360 - degrees)", "-i", base(), "-c", "copy"],
            orElse: ["-i", base(), "-c", "copy", "-metadata:s:v:0", "rotate=\(360 - degrees)"]
        )
        let reader = try ClipReader(path: path)
        let video = try #require(reader.info.video)
        let isUpright = degrees == 180
        #expect(video.rotation == degrees)
        #expect(video.width == (isUpright ? 64 : 48) && video.height == (isUpright ? 48 : 64))

        let geometry = FrameGeometry.whole(video.width, video.height)
        let frames = try reader.frames(indices: [3], geometry: geometry)
        let turn = [90: "transpose=clock", 180: "hflip,vflip", 270: "transpose=cclock"][degrees]
        let reference = try FFmpegTool.pictures(path, 64, 48, matrix: "bt601", turn: turn)
        let size = frames.bytes.count
        let apart = try #require(
            difference(frames.bytes, Array(reference[3 * size..<4 * size]))
        )
        #expect(apart.mean < 0.8, "\(apart)")
    }

    @Test("a pixel aspect changes the width", .enabled(if: x264, needed))
    func pixelAspect() throws {
        let path = try FFmpegTool.clip(
            "aspect.mp4",
            ["-i", base(), "-vf", "setsar=4/3", "-c:v", "libx264", "-an"]
        )
        let video = try #require(try MediaProbe.probe(path).video)
        #expect(video.width == 85 && video.height == 48)
    }

    @Test(
        "PQ and HLG are flagged",
        .enabled(if: x264, needed),
        arguments: [("smpte2084", true), ("arib-std-b67", true), ("bt709", false)]
    )
    func highDynamicRange(transfer: String, isHDR: Bool) throws {
        let path = try FFmpegTool.clip(
            "transfer-\(transfer).mp4",
            ["-i", base(), "-an", "-c:v", "libx264", "-pix_fmt", "yuv420p10le"]
                + ["-color_trc", transfer, "-color_primaries", "bt2020", "-colorspace", "bt2020nc"]
        )
        #expect(try #require(try MediaProbe.probe(path).video).isHDR == isHDR)
    }

    @Test("pictures that the edit list cuts off are not counted", .enabled(if: x264, needed))
    func editList() throws {
        let path = try FFmpegTool.clip(
            "edited.mp4",
            ["-ss", "0.75", "-i", base(), "-c", "copy", "-avoid_negative_ts", "0"]
        )
        let reader = try ClipReader(path: path)
        let video = try #require(reader.info.video)
        let all = try FFmpegTool.pictures(base(), 40, 32, matrix: "bt601")
        #expect(video.frameCount == 6)
        #expect(abs(reader.info.duration - 0.25) < 0.001)
        let frames = try reader.frames(indices: Array(0..<6), geometry: .whole(40, 32))
        let apart = try #require(difference(frames.bytes, Array(all.suffix(frames.bytes.count))))
        #expect(apart.mean < 0.8, "\(apart)")
    }

    @Test(
        "a cover is no video, and a sound file opens as sound",
        .enabled(if: FFmpegTool.has(["libmp3lame"]))
    )
    func soundFile() throws {
        let path = try FFmpegTool.clip(
            "cover.mp3",
            ["-f", "lavfi", "-i", "sine=d=0.5", "-f", "lavfi", "-i", "color=d=0.04:s=32x32"]
                + ["-map", "0", "-map", "1", "-c:v", "png", "-frames:v", "1"]
                + ["-disposition:v", "attached_pic", "-id3v2_version", "3"]
        )
        let reader = try ClipReader(path: path)
        #expect(reader.info.video == nil && reader.info.audio?.codec == "mp3")
        #expect(abs(reader.info.duration - 0.5) < 0.06)
        let error = #expect(throws: MediaError.self) {
            try reader.frames(at: [0], geometry: .whole(8, 8))
        }
        #expect(
            error?.description == "\(path): the file has no pictures; use a video or a picture file"
        )
        guard case .sound = try reader.sound(from: 0, duration: 0.5) else {
            Issue.record("the sound was not found")
            return
        }
    }

    @Test("the kind of a file is told by its ending, in any case of letters")
    func kinds() {
        #expect(MediaKind(path: "a/b.JPG") == .image && MediaKind(path: "x.webp") == .image)
        #expect(MediaKind(path: "x.y.Mp4") == .video && MediaKind(path: "x.flv") == .video)
        #expect(MediaKind(path: "mp4") == nil && MediaKind(path: ".mp4") == nil)
        #expect(MediaKind(path: "a.mp4/readme") == nil && MediaKind(path: "a.txt") == nil)
    }
}
