import Media
import Testing

/// A clip of a moving test picture with a tone, in one container and codec.
struct TestClip: Sendable, CustomTestStringConvertible {
    let name: String
    let codec: String
    let encoders: [String]
    let arguments: [String]

    var testDescription: String { name }

    /// Whether the local ffmpeg can make it; a test that needs it is skipped otherwise.
    var canBeMade: Bool { FFmpegTool.has(encoders) }

    func path() throws -> String { try FFmpegTool.clip(name, arguments) }

    init(
        _ name: String,
        codec: String,
        video: [String],
        audio: [String] = ["aac"],
        size: String = "64x48",
        rate: String = "24",
        seconds: Double = 1
    ) {
        self.name = name
        self.codec = codec
        encoders = [video[0], audio[0]]
        arguments =
            ["-f", "lavfi", "-i", "testsrc2=s=\(size):r=\(rate):d=\(seconds)"]
            + ["-f", "lavfi", "-i", "aevalsrc=0.3*sin(880*t)|0.3*sin(1320*t):s=48000:d=\(seconds)"]
            + ["-c:v"] + video + ["-c:a"] + audio + ["-shortest", "-threads", "1"]
    }

    static let x264 = ["libx264", "-preset", "veryfast", "-g", "12", "-bf", "2"]

    /// Every container and codec that must be read, and the shapes of pictures that are odd.
    static let all = [
        TestClip("h264.mp4", codec: "h264", video: x264 + ["-pix_fmt", "yuv420p"]),
        TestClip("h264.m4v", codec: "h264", video: x264 + ["-pix_fmt", "yuv420p"]),
        TestClip(
            "h264-422.mov",
            codec: "h264",
            video: x264 + ["-pix_fmt", "yuv422p"],
            audio: ["pcm_s16le"]
        ),
        TestClip("h264-10bit.mkv", codec: "h264", video: x264 + ["-pix_fmt", "yuv420p10le"]),
        TestClip(
            "ffv1-odd.mkv",
            codec: "ffv1",
            video: ["ffv1", "-vf", "scale=63:47,format=yuv444p"]
        ),
        TestClip(
            "h264-odd.mp4",
            codec: "h264",
            video: x264 + ["-vf", "scale=63:47,format=yuv444p"]
        ),
        TestClip(
            "vp9-odd.mkv",
            codec: "vp9",
            video: ["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]
                + ["-vf", "scale=63:47,format=yuv420p"]
        ),
        TestClip(
            "hevc-10bit.mp4",
            codec: "hevc",
            video: ["libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"]
                + ["-x265-params", "log-level=none:keyint=12"]
        ),
        TestClip(
            "vp9.webm",
            codec: "vp9",
            video: [
                "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p",
            ],
            audio: ["libopus"]
        ),
        TestClip(
            "vp8.webm",
            codec: "vp8",
            video: ["libvpx", "-auto-alt-ref", "1", "-lag-in-frames", "16", "-pix_fmt", "yuv420p"],
            audio: ["libvorbis"]
        ),
        TestClip(
            "av1.mp4",
            codec: "av1",
            video: ["libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-pix_fmt", "yuv420p"]
        ),
        TestClip(
            "mpeg4.avi",
            codec: "mpeg4",
            video: ["mpeg4", "-q:v", "3"],
            audio: ["libmp3lame"]
        ),
        TestClip("wmv2.wmv", codec: "wmv2", video: ["wmv2", "-q:v", "3"], audio: ["wmav2"]),
        TestClip("h264.flv", codec: "h264", video: x264 + ["-pix_fmt", "yuv420p"]),
        TestClip(
            "h264-29.97.mkv",
            codec: "h264",
            video: x264 + ["-pix_fmt", "yuv420p"],
            rate: "30000/1001"
        ),
    ].filter(\.canBeMade)
}

extension FrameGeometry {
    /// The whole picture at one size.
    static func whole(_ width: Int, _ height: Int) -> FrameGeometry {
        FrameGeometry(
            scaledWidth: width,
            scaledHeight: height,
            cropX: 0,
            cropY: 0,
            cropWidth: width,
            cropHeight: height
        )
    }
}

/// The largest and the mean difference of two pictures; nil if their sizes differ.
func difference(_ a: [UInt8], _ b: [UInt8]) -> (largest: Int, mean: Double)? {
    guard a.count == b.count, !a.isEmpty else { return nil }
    let differences = zip(a, b).map { abs(Int($0) - Int($1)) }
    return (differences.max() ?? 0, Double(differences.reduce(0, +)) / Double(a.count))
}

/// The largest difference of two sounds; nil if their lengths differ.
func difference(_ a: [Float], _ b: [Float]) -> Float? {
    guard a.count == b.count else { return nil }
    return zip(a, b).map { abs($0 - $1) }.max() ?? 0
}

extension ClipSound {
    /// The samples, if there is a stream.
    var waveform: Waveform? {
        switch self {
        case .absent: nil
        case .silent(let waveform), .sound(let waveform): waveform
        }
    }
}
