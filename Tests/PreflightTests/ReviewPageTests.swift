import Foundation
import Media
import Testing

@testable import Preflight

/// The review as a page and as text.
@Suite("Review page", .serialized) struct ReviewPageTests {
    @Test("the page holds pictures of every clip and fetches nothing")
    func page() async throws {
        let scene = try CheckScene()
        try scene.addExamples(2)
        let result = try await scene.check(draws: true)
        let html = ReviewPage(result).html
        #expect(html.components(separatedBy: "<article").count == 3)
        #expect(html.components(separatedBy: "class=\"thumb\"").count == 3)
        #expect(html.components(separatedBy: "class=\"spectrum\"").count == 3)
        #expect(html.components(separatedBy: "<polygon").count == 3)
        #expect(
            !html.contains("http://") && !html.contains("https://") && !html.contains("<script")
        )
        #expect(html.contains("<mark>"))
    }

    @Test("what users write is shown as they wrote it and never runs")
    func escapes() async throws {
        let scene = try CheckScene()
        try scene.addExamples(1)
        try #"<script>alert("x")</script> says "a & b < c""#.write(
            toFile: scene.folder + "/clips/01-greeting.txt",
            atomically: true,
            encoding: .utf8
        )
        let html = ReviewPage(try await scene.check(draws: true)).html
        #expect(!html.contains("<script"))
        #expect(html.contains("&lt;script&gt;alert(&quot;x&quot;"))
        #expect("<&>\"'".escaped == "&lt;&amp;&gt;&quot;&#39;")
    }

    @Test("the terminal has a line for each clip, the facts, the reasons and both verdicts")
    func text() async throws {
        let scene = try CheckScene()
        try scene.addExamples(2)
        let text = try await scene.check().review.text
        #expect(text.contains("01-greeting.mp4") && text.contains("02-rain.mp4"))
        #expect(text.contains("  memory    about ") && text.contains("  time      about "))
        #expect(text.contains("Will learn the face:  doubtful\nWill learn the voice: "))
        #expect(!text.contains("  \n"))
    }

    @Test("a PNG of a picture has its size and its colours")
    func png() throws {
        var bytes = [UInt8](repeating: 0, count: 5 * 3 * 3)
        bytes[0] = 255
        let picture = FrameBuffer(frameCount: 1, height: 3, width: 5, bytes: bytes)
        let png = try PictureEncoder.png(picture)
        #expect(png.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        let folder = NSTemporaryDirectory() + "likeness-png-\(UUID().uuidString).png"
        try Data(png).write(to: URL(fileURLWithPath: folder))
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let size = FrameGeometry(
            scaledWidth: 5,
            scaledHeight: 3,
            cropX: 0,
            cropY: 0,
            cropWidth: 5,
            cropHeight: 3
        )
        #expect(try ClipReader(path: folder).frames(at: [0], geometry: size) == picture)
    }
}
