import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Studio

/// Folders of clips from a page's side; the clips are made by ffmpeg.
@Suite("Data sets over HTTP") struct DatasetRouteTests {
    /// A studio with two clips in `0/clips`, one with sound and a caption.
    private func studio() throws -> TestStudio {
        let made = try TestStudio(routes: { [DatasetRoutes(roots: $0)] })
        try Self.clip(made.root + "/clips/a.mp4", sound: true)
        try Self.clip(made.root + "/clips/b.mp4", sound: false)
        try made.write("Ohwx says hello, ohwx laughs", to: "root/clips/a.txt")
        return made
    }

    private static func clip(_ path: String, sound: Bool) throws {
        let ffmpeg = Process()
        ffmpeg.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        ffmpeg.arguments =
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=96x64:r=24:d=0.5"]
            + (sound ? ["-f", "lavfi", "-i", "sine=f=440:d=0.5"] : []) + [path]
        try ffmpeg.run()
        ffmpeg.waitUntilExit()
        #expect(ffmpeg.terminationStatus == 0)
    }

    private func post(_ browser: TestBrowser, _ path: String, _ fields: [String: Any])
        async throws -> TestResponse
    {
        let data = try JSONSerialization.data(withJSONObject: fields)
        return try await browser.send(.post, path, body: String(decoding: data, as: UTF8.self))
    }

    @Test("folders with clips are found, with what is in them")
    func folders() async throws {
        try await studio().serve { browser in
            let answer = try await browser.get("/api/datasets").object()
            let folders = try #require(answer["datasets"] as? [[String: Any]])
            #expect(folders.count == 1 && folders[0]["path"] as? String == "0/clips")
            #expect(folders[0]["clips"] as? Int == 2 && folders[0]["withCaption"] as? Int == 1)
            let clips = try await browser.get("/api/datasets/0/clips").object()
            let found = try #require(clips["clips"] as? [[String: Any]])
            #expect(found.map { $0["name"] as? String } == ["a.mp4", "b.mp4"])
            #expect(found[0]["width"] as? Int == 96 && found[0]["channels"] as? Int == 1)
            #expect(found[1]["channels"] == nil && found[1]["caption"] == nil)
        }
    }

    @Test("a run's previews are no data set")
    func previews() async throws {
        let studio = try studio()
        let run = studio.root + "/output/anna"
        let manager = FileManager.default
        try manager.createDirectory(atPath: run + "/samples", withIntermediateDirectories: true)
        try manager.copyItem(
            atPath: studio.root + "/clips/b.mp4",
            toPath: run + "/samples/1.mp4"
        )
        try studio.write("{}", to: "root/output/anna/metrics.jsonl")
        try await studio.serve { browser in
            let answer = try await browser.get("/api/datasets").object()
            let folders = try #require(answer["datasets"] as? [[String: Any]])
            #expect(folders.map { $0["path"] as? String } == ["0/clips"])
            #expect(folders[0]["withSound"] as? Int == 1)
            #expect(folders[0]["seconds"] as? Double == 1)
        }
    }

    @Test("a folder is made with those around it, and refused where one is there")
    func nested() async throws {
        let studio = try studio()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let made = try await post(ours, "/api/datasets", ["path": "0/faces/anna"])
            #expect(made.status == .created, "\(made.text)")
            #expect(FileManager.default.fileExists(atPath: studio.root + "/faces/anna"))
            let again = try await post(ours, "/api/datasets", ["path": "0/faces/anna"])
            #expect(again.status == .conflict)
            for path in ["0", "0/../x", "0/.hidden/x", "9/x"] {
                let refused = try await post(ours, "/api/datasets", ["path": path])
                #expect(refused.status.code >= 400 && refused.status.code < 500, "\(path)")
            }
        }
    }

    @Test("a clip has a thumbnail and a waveform")
    func pictures() async throws {
        try await studio().serve { browser in
            let picture = try await browser.get("/api/datasets/0/clips/a.mp4/thumbnail")
            #expect(picture.headers[.contentType] == "image/jpeg")
            #expect(Array(buffer: picture.body).prefix(2) == [0xFF, 0xD8])
            let drawing = try await browser.get("/api/datasets/0/clips/a.mp4/waveform")
            #expect(drawing.headers[.contentType] == "image/svg+xml")
            #expect(drawing.text.hasPrefix("<svg") && drawing.text.contains("points"))
        }
    }

    @Test("captions are written, and replaced everywhere after a dry run")
    func captions() async throws {
        let studio = try studio()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let written = try await ours.send(
                .put,
                "/api/datasets/0/clips/b.mp4/caption",
                body: #"{"text": "ohwx waits"}"#
            )
            #expect(written.status == .ok && studio.read("root/clips/b.txt") == "ohwx waits")
            let wish: [String: Any] = ["find": "ohwx", "replace": "zk$1", "dryRun": true]
            let path = "/api/datasets/0/clips/replace"
            let dry = try await post(ours, path, wish).object()["changes"] as? [[String: Any]]
            #expect(dry?.map { $0["count"] as? Int } == [2, 1])
            #expect(studio.read("root/clips/b.txt") == "ohwx waits")
            _ = try await post(ours, path, wish.merging(["dryRun": false]) { $1 })
            #expect(studio.read("root/clips/b.txt") == "zk$1 waits")
            #expect(studio.read("root/clips/a.txt") == "zk$1 says hello, zk$1 laughs")
        }
    }

    @Test("a deleted clip lies in a bin beside the others, with its caption")
    func bin() async throws {
        let studio = try studio()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let answer = try await ours.send(.delete, "/api/datasets/0/clips/a.mp4")
            #expect(answer.status == .noContent)
            #expect(studio.read("root/clips/a.mp4") == nil)
            #expect(studio.read("root/clips/.bin/a.mp4") != nil)
            #expect(studio.read("root/clips/.bin/a.txt") != nil)
            let text = try await ours.send(.delete, "/api/datasets/0/clips/none.mp4")
            #expect(text.status == .notFound)
        }
    }
}
