import Foundation
import Testing

@testable import Media

/// Pieces of clips, against what the ffmpeg program decodes of clip and piece.
@Suite("Pieces of clips", .enabled(if: FFmpegTool.has(["libx264", "aac"])))
struct ClipPieceTests {
    /// Soft waves, so that pictures survive fewer samples of colour; each picture is unlike its neighbours.
    private static let waves =
        "geq=lum='128+90*sin((X+5*N)/9)*cos((Y-2*N)/13)':cb='128+30*sin((X+N)/20)':cr='128+30*cos((Y+N)/20)'"

    /// 2 s of a moving picture; the sound is a sweep on the left and another on the right, as PCM.
    private func clip(_ name: String, rate: String = "24", sound: Int = 2) throws -> String {
        let left = "0.4*sin(2*PI*(200*t+300*t*t))"
        let right = "0.4*sin(2*PI*(900*t-100*t*t))"
        let formula = sound == 1 ? left : "\(left)|\(right)"
        return try FFmpegTool.clip(
            name,
            ["-f", "lavfi", "-i", "color=s=64x48:r=\(rate):d=2,format=yuv420p,\(Self.waves)"]
                + ["-f", "lavfi", "-i", "aevalsrc=\(formula):s=48000:d=2"]
                + ["-c:v"] + TestClip.x264 + ["-crf", "10", "-pix_fmt", "yuv420p"]
                + ["-c:a", "pcm_f32le", "-threads", "1"]
        )
    }

    private func cut(_ clip: String, _ from: Double, _ to: Double) throws -> (ClipPiece, String) {
        let reader = try ClipReader(path: clip)
        let piece = try #require(ClipPiece(from: from, to: to, edges: reader.pictureEdges))
        let path = try WrittenMovie.path("mp4")
        try ClipPieceWriter(reader).write(piece, to: path)
        return (piece, path)
    }

    private func pictures(_ path: String) throws -> [[UInt8]] {
        let bytes = try FFmpegTool.pictures(path, 64, 48, matrix: "bt601")
        let size = 64 * 48 * 3
        return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<$0 + size]) }
    }

    private func difference(_ one: [UInt8], _ other: [UInt8]) -> Double {
        Double(zip(one, other).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }) / Double(one.count)
    }

    @Test(
        "a piece holds the clip's own pictures, in order, none doubled",
        arguments: ["24", "30000/1001"]
    )
    func ownPictures(rate: String) throws {
        let source = try clip("piece-wave-\(rate.prefix(2)).mov", rate: rate)
        let (piece, path) = try cut(source, 0.52, 1.71)
        defer { WrittenMovie.remove(path) }
        let whole = try ClipReader(path: source)
        let part = try ClipReader(path: path)
        #expect(part.info.video?.frameCount == piece.pictures.count)
        #expect(part.info.video?.frameRate == whole.info.video?.frameRate)
        // The ffmpeg program reads each file with the matrix that the file is coded with.
        let expected = try pictures(source)
        let found = try FFmpegTool.pictures(path, 64, 48, matrix: "bt709")
        let size = 64 * 48 * 3
        #expect(found.count == piece.pictures.count * size)
        for (number, index) in piece.pictures.enumerated() {
            let picture = Array(found[number * size..<(number + 1) * size])
            let own = difference(picture, expected[index])
            #expect(own < 2, "picture \(number): \(own)")
            for other in [index - 1, index + 1] {
                #expect(difference(picture, expected[other]) > 3 * own)
            }
        }
    }

    @Test("its sound is that of the same time, to the sample", arguments: [1, 2])
    func ownSound(channels: Int) throws {
        let source = try clip("piece-wave-sound-\(channels).mov", sound: channels)
        let (piece, path) = try cut(source, 0.5, 1.75)
        defer { WrittenMovie.remove(path) }
        let count = 60000  // 1.25 s at 48 kHz
        #expect(abs(piece.start - 0.5) < 1e-9 && abs(piece.end - 1.75) < 1e-9)
        let said = try FFmpegTool.probe(path, "stream=duration_ts,channels,start_pts")
        #expect(said["channels"] == "\(channels)" && said["start_pts"] == "0")
        #expect(said["duration_ts"] == "\(count)")
        let (whole, part) = (try FFmpegTool.samples(source), try FFmpegTool.samples(path))
        for channel in 0..<channels {
            let levels = [-1, 0, 1].map { lag in
                var (signal, error) = (0.0, 0.0)
                for index in 1000..<count - 1000 {
                    let expected = Double(whole[(24000 + lag + index) * channels + channel])
                    let found = Double(part[index * channels + channel])
                    signal += expected * expected
                    error += (expected - found) * (expected - found)
                }
                return 10 * log10(signal / error)
            }
            #expect(levels[1] > 30, "\(levels)")
            #expect(levels[1] > levels[0] + 3 && levels[1] > levels[2] + 3, "\(levels)")
        }
    }

    @Test("a clip that is turned when shown gives a piece that is upright without turning")
    func upright() throws {
        let base = try clip("piece-wave-24.mov")
        let turned = try FFmpegTool.clip(
            "piece-wave-turned.mov",
            ["-display_rotation", "270", "-i", base, "-c", "copy"],
            orElse: ["-i", base, "-c", "copy", "-metadata:s:v:0", "rotate=270"]
        )
        let (_, path) = try cut(turned, 0.5, 1)
        defer { WrittenMovie.remove(path) }
        let shown = try ClipReader(path: turned)
        let found = try ClipReader(path: path)
        #expect(shown.info.video?.rotation == 90)
        #expect(found.info.video?.rotation == 0)
        #expect(found.info.video?.width == 48 && found.info.video?.height == 64)
        let geometry = FrameGeometry(
            scaledWidth: 48,
            scaledHeight: 64,
            cropX: 0,
            cropY: 0,
            cropWidth: 48,
            cropHeight: 64
        )
        let one = try shown.frames(indices: [12, 20], geometry: geometry)
        let other = try found.frames(indices: [0, 8], geometry: geometry)
        #expect(difference(one.bytes, other.bytes) < 2)
    }

    @Test("texts of the clip go along, with where the piece is from")
    func metadata() throws {
        let source = try FFmpegTool.clip(
            "piece-titled.mov",
            ["-i", try clip("piece-wave-24.mov"), "-c", "copy", "-metadata", "title=Anna laughs"]
        )
        let (_, path) = try cut(source, 0.5, 1)
        defer { WrittenMovie.remove(path) }
        let texts = try MediaProbe.probe(path).metadata
        #expect(texts["title"] == "Anna laughs" && texts["cut_from"] == "piece-titled.mov")
        #expect(texts["cut_start"] == "0.5" && texts["cut_end"] == "1")
    }

    @Test("a stretch that fails leaves no file")
    func noFile() throws {
        struct Stop: Error {}
        let reader = try ClipReader(path: try clip("piece-wave-24.mov"))
        let piece = try #require(ClipPiece(from: 0, to: 1, edges: reader.pictureEdges))
        let path = try WrittenMovie.path("mp4")
        #expect(throws: Stop.self) {
            try ClipPieceWriter(reader).write(piece, to: path) { _ in throw Stop() }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
    }

    @Test("times go to the nearest edge of a picture")
    func edges() throws {
        let edges = [0.0, 0.5, 1, 1.5]
        #expect(ClipPiece(from: 0.2, to: 1.3, edges: edges)?.pictures == 0..<3)
        #expect(ClipPiece(from: 0.3, to: 0.8, edges: edges)?.pictures == 1..<2)
        #expect(ClipPiece(from: -3, to: 9, edges: edges)?.pictures == 0..<3)
        #expect(ClipPiece(from: 0.4, to: 0.6, edges: edges) == nil)
        #expect(ClipPiece(from: 0, to: 1, edges: []) == nil)
    }

    @Test("stretches are the pictures in one piece")
    func stretches() throws {
        let reader = try ClipReader(path: try clip("piece-wave-24.mov"))
        // Large, so that a stretch holds fewer pictures than are asked for.
        let geometry = FrameGeometry(
            scaledWidth: 1600,
            scaledHeight: 1200,
            cropX: 0,
            cropY: 0,
            cropWidth: 1600,
            cropHeight: 1200
        )
        let indices = [3, 4, 4, 9, 17, 18, 19, 20, 21, 22, 23, 24, 25]
        var (bytes, count) = ([UInt8](), 0)
        try reader.forEachStretch(of: indices, geometry: geometry) { frames in
            bytes += frames.bytes
            count += 1
        }
        #expect(count == 2)
        #expect(try bytes == reader.frames(indices: indices, geometry: geometry).bytes)
    }

    @Test("what cannot be cut is told")
    func faults() throws {
        let picture = try FFmpegTool.clip(
            "piece.png",
            ["-f", "lavfi", "-i", "testsrc2=s=64x48:d=1", "-frames:v", "1"]
        )
        #expect(
            fault(picture)
                == "\(picture): this is a still picture, and only moving ones can be cut; name a video"
        )
        let sound = try FFmpegTool.clip("piece.wav", ["-f", "lavfi", "-i", "sine=d=1"])
        #expect(fault(sound) == "\(sound): the file has no pictures; use a video or a picture file")
        let bright = try FFmpegTool.clip(
            "piece-hdr.mov",
            ["-f", "lavfi", "-i", "testsrc2=s=64x48:d=1", "-c:v"] + TestClip.x264
                + ["-pix_fmt", "yuv420p10le", "-color_trc", "smpte2084"]
                + ["-x264-params", "transfer=smpte2084"]
        )
        #expect(
            fault(bright)
                == "\(bright): its brightness has high dynamic range (PQ or HLG), which a cut clip of 8 bits "
                + "cannot hold; convert it to BT.709 with a tone mapper first, then cut that file"
        )
    }

    private func fault(_ path: String) -> String {
        do {
            _ = try ClipPieceWriter(ClipReader(path: path))
            return "no error"
        } catch { return "\(error)" }
    }

    @Test("what a piece cannot keep is remarked")
    func remarks() throws {
        let odd = try FFmpegTool.clip(
            "piece-odd-sides.mkv",
            ["-f", "lavfi", "-i", "testsrc2=s=64x48:d=1", "-f", "lavfi", "-i", "sine=r=37800:d=1"]
                + ["-c:v", "libx264", "-vf", "scale=65:49,format=yuv444p10le", "-c:a", "pcm_s16le"]
        )
        #expect(
            try ClipPieceWriter(ClipReader(path: odd)).remarks == [
                "65x49 becomes 64x48: H.264 needs even sides", "yuv444p10le becomes 8 bits",
                "sound of 37800 Hz becomes 48000 Hz",
            ]
        )
        #expect(try ClipPieceWriter(ClipReader(path: clip("piece-wave-24.mov"))).remarks.isEmpty)
    }
}
