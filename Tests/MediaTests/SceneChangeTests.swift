import Foundation
import Testing

@testable import Media

/// Changes of scene in made clips, against where they were made and where ffmpeg's own measure finds them.
@Suite("Changes of scene", .enabled(if: FFmpegTool.has(["libx264"])))
struct SceneChangeTests {
    private static let scenes =
        "testsrc2=s=96x64:r=24:d=2[a];smptebars=s=96x64:r=24:d=1.5[b];mandelbrot=s=96x64:r=24[c];"
        + "[c]trim=duration=2,setsar=1[d];[a][b][d]concat=n=3:v=1"

    private func clip(_ name: String, _ filter: String) throws -> String {
        try FFmpegTool.clip(
            name,
            ["-f", "lavfi", "-i", filter, "-c:v"] + TestClip.x264 + ["-pix_fmt", "yuv420p"]
        )
    }

    private func found(_ path: String) throws -> [Int] {
        try SceneChanges.find(in: ClipReader(path: path))
    }

    @Test("joined clips change scene where they were joined, as ffmpeg says too")
    func joined() throws {
        let path = try clip("scenes.mp4", Self.scenes)
        #expect(try found(path) == [48, 84])
        let log = try FFmpegTool.run([
            "-i", path, "-vf", "select=gt(scene\\,0.3),metadata=print:file=-", "-f", "null", "-",
        ])
        let times = String(decoding: log, as: UTF8.self).matches(of: /pts_time:([0-9.]+)/)
            .compactMap { Double($0.1) }
        #expect(times.map { Int(($0 * 24).rounded()) } == [48, 84])
    }

    @Test("movement and a flash are no change of scene")
    func others() throws {
        #expect(try found(clip("moving.mp4", "testsrc2=s=96x64:r=12:d=3")) == [])
        let flash = "testsrc2=s=96x64:r=24:d=2,drawbox=t=fill:color=white:enable='eq(n\\,24)'"
        #expect(try found(clip("flash.mp4", flash)) == [])
    }

    @Test("a fast pan, where every picture differs much, has no change; a cut in it is one")
    func pan() throws {
        func picture(_ seed: Int) -> [UInt8] {
            (0..<32 * 18 * 3).map { UInt8(truncatingIfNeeded: ($0 * 7 + seed * 16) % 64) }
        }
        let moving = (0..<20).map(picture)
        #expect(SceneChanges.find(in: moving) == [])
        let other = (0..<20).map { picture($0).map { 255 - $0 } }
        #expect(SceneChanges.find(in: moving + other) == [20])
        #expect(SceneChanges.find(in: []) == [] && SceneChanges.find(in: [picture(0)]) == [])
    }
}
