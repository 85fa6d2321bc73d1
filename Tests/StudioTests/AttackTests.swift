import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import RunStore
import Testing

@testable import Studio

/// What somebody tries who wants out of the roots, into the studio's own files, or the server on its knees.
@Suite("Attacks") struct AttackTests {
    private func studio(
        _ change: (inout StudioConfiguration) -> Void = { _ in }
    ) throws -> TestStudio {
        let studio = try TestStudio(routes: { [DatasetRoutes(roots: $0)] }, change)
        try studio.write("secret", to: "outside/secret.txt")
        try studio.write("no clip at all", to: "root/clips/a.mp4")
        return studio
    }

    private func link(_ path: String, to target: String, _ studio: TestStudio) throws {
        try FileManager.default.createSymbolicLink(
            atPath: "\(studio.folder)/\(path)",
            withDestinationPath: "\(studio.folder)/\(target)"
        )
    }

    @Test(
        "what lies beside a clip is written for clips alone: beside a root it would be outside",
        arguments: [
            ("PUT", "0/caption", #"{"text": "x"}"#), ("PUT", "0/clips/caption", #"{"text": "x"}"#),
            ("PUT", "0/notes.yaml/caption", #"{"text": "x"}"#),
            ("POST", "0/held-out", #"{"heldOut": true}"#),
            ("POST", "0/clips/held-out", #"{"heldOut": true}"#), ("DELETE", "0", ""),
            ("DELETE", "0/clips", ""),
        ]
    )
    func clipsOnly(method: String, path: String, body: String) async throws {
        let studio = try studio()
        try studio.write("a: b", to: "root/notes.yaml")
        let before = try FileManager.default.subpathsOfDirectory(atPath: studio.folder).sorted()
        try await studio.serve { browser in
            let answer = try await browser.loggedIn().send(
                HTTPRequest.Method(method) ?? .get,
                "/api/datasets/\(path)",
                body: body
            )
            #expect(answer.status == .badRequest)
            #expect(answer.fault.hasSuffix("is no clip; name a clip"), "\(answer.text)")
        }
        let after = try FileManager.default.subpathsOfDirectory(atPath: studio.folder).sorted()
        #expect(after == before)
    }

    @Test(
        "links beside clips show nothing from outside, and pipes hold nobody up",
        .timeLimit(.minutes(1))
    )
    func linksBesideClips() async throws {
        let studio = try studio()
        try link("root/clips/a.txt", to: "outside/secret.txt", studio)
        try link("root/clips/held_out.txt", to: "outside/secret.txt", studio)
        try studio.write("no clip", to: "outside/secret.mp4")
        try link("root/clips/secret.mp4", to: "outside/secret.mp4", studio)
        try studio.write("no clip", to: "root/inner.mp4")
        try link("root/clips/inner.mp4", to: "root/inner.mp4", studio)
        mkfifo(studio.root + "/clips/pipe.mp4", 0o600)
        mkfifo(studio.root + "/clips/inner.txt", 0o600)
        try await studio.serve { browser in
            let answer = try await browser.get("/api/datasets/0/clips")
            #expect(!answer.text.contains("secret"), "\(answer.text)")
            let clips = try answer.object()["clips"] as? [[String: Any]]
            #expect(clips?.map { $0["name"] as? String } == ["a.mp4", "inner.mp4"])
            #expect(
                try await browser.get("/api/datasets/0/clips/pipe.mp4/thumbnail").status
                    == .badRequest
            )
            let ours = try await browser.loggedIn()
            let written = try await ours.send(
                .put,
                "/api/datasets/0/clips/a.mp4/caption",
                body: #"{"text": "mine"}"#
            )
            #expect(written.status == .ok)
        }
        #expect(studio.read("outside/secret.txt") == "secret")
        #expect(studio.read("root/clips/a.txt") == "mine")
        #expect(HeldOutMarks(folder: studio.root + "/clips").names.isEmpty)
    }

    @Test("the studio's own folder is changed by no page, and what is in it for itself not shown")
    func home() async throws {
        // Its home lies below a root, as it does for who shares all of their own folder.
        let studio = try studio { $0.roots.append(($0.home as NSString).deletingLastPathComponent) }
        let files = FileManager.default
        try files.createDirectory(
            atPath: studio.home + "/jobs/x",
            withIntermediateDirectories: true
        )
        try files.createDirectory(atPath: studio.home + "/mine", withIntermediateDirectories: true)
        for name in ["studio.sqlite", "studio.sqlite-wal", "jobs/x/process.json", "uploads/r.json"]
        {
            try studio.write("private", to: "home/\(name)")
        }
        try studio.write("shown", to: "home/mine/a.txt")
        try studio.write("clip", to: "home/mine/a.mp4")
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            for root in ["1/home", "2"] {
                for name in [
                    "studio.sqlite", "studio.sqlite-wal", "jobs/x/process.json", "uploads/r.json",
                ] {
                    let answer = try await ours.get("/api/files/\(root)/\(name)")
                    #expect(answer.status == .forbidden && !answer.text.contains("private"))
                }
                #expect(try await ours.get("/api/files/\(root)/mine/a.txt").text == "shown")
                for (name, folder) in [
                    ("process.json", "jobs/x"), ("a.txt", ""), ("b.mp4", "mine"),
                ] {
                    let body = #"{"folder": "\#(root)/\#(folder)", "name": "\#(name)", "size": 1}"#
                    let answer = try await ours.send(.post, "/api/uploads", body: body)
                    #expect(answer.status == .forbidden, "\(answer.text)")
                }
                let caption = try await ours.send(
                    .put,
                    "/api/datasets/\(root)/mine/a.mp4/caption",
                    body: #"{"text": "x"}"#
                )
                #expect(
                    caption.fault
                        == "\(root)/mine/a.mp4: is the studio's own, which pages do not change; choose a folder outside of the studio's home"
                )
                let made = try await ours.send(
                    .post,
                    "/api/datasets",
                    body: #"{"path": "\#(root)/new"}"#
                )
                #expect(made.status == .forbidden)
                let replace = #"{"find": "shown", "replace": "x", "dryRun": false}"#
                let replaced = try await ours.send(
                    .post,
                    "/api/datasets/\(root)/mine/replace",
                    body: replace
                )
                #expect(replaced.status == .forbidden)
            }
        }
        #expect(studio.read("home/mine/a.txt") == "shown")
    }

    @Test(
        "hidden files are not shown, nor what lies in hidden folders",
        arguments: [".env", ".ssh/id", "clips/.bin/a.mp4", "link.txt"]
    )
    func hidden(path: String) async throws {
        let studio = try studio()
        for folder in [".ssh", "clips/.bin"] {
            try FileManager.default.createDirectory(
                atPath: "\(studio.root)/\(folder)",
                withIntermediateDirectories: true
            )
        }
        for name in [".env", ".ssh/id", "clips/.bin/a.mp4"] {
            try studio.write("private", to: "root/\(name)")
        }
        try link("root/link.txt", to: "root/.env", studio)
        try await studio.serve { browser in
            let answer = try await browser.get("/api/files/0/\(path)")
            #expect(answer.status == .forbidden && !answer.text.contains("private"))
            #expect(
                answer.fault.contains("is hidden, the studio's own, or a link to a place outside")
            )
        }
    }

    @Test(
        "pages of other sites cannot make the server read either",
        arguments: ["cross-site", "same-site"]
    )
    func otherSites(site: String) async throws {
        try await studio().serve { browser in
            for method in [HTTPRequest.Method.get, .head] {
                let answer = try await browser.send(method, "/api/datasets", [.secFetchSite: site])
                #expect(answer.status == .forbidden)
            }
            for own in ["same-origin", "none"] {
                #expect(try await browser.get("/api/datasets", [.secFetchSite: own]).status == .ok)
            }
            // A link to the studio on another page leads to its first page.
            #expect(try await browser.get("/", [.secFetchSite: site]).status == .ok)
        }
    }

    @Test("an upgrade to another protocol is not made")
    func upgrade() async throws {
        let answer = try await studio().serve { browser in
            try await browser.raw(
                "GET /api/session HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n\r\n"
            )
        }
        #expect(answer.hasPrefix("HTTP/1.1 403 "))
    }

    @Test(
        "a connection that does not go on is closed: without a request, within its head, within its body",
        .timeLimit(.minutes(1)),
        arguments: [
            "", "GET / HTTP/1.1\r\nHost: localh",
            "POST /login HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nContent-Length: 99\r\n\r\ntok",
        ]
    )
    func slow(text: String) async throws {
        // Ends only when the server closes.
        _ = try await studio { $0.patience = 1 }.serve { browser in try await browser.raw(text) }
    }

    @Test(
        "scripts and styles among the files are text, which no page of ours can be made to run",
        arguments: ["js", "css"]
    )
    func scripts(ending: String) async throws {
        let studio = try studio()
        try studio.write("alert(1)", to: "root/a.\(ending)")
        try await studio.serve { browser in
            let answer = try await browser.get("/api/files/0/a.\(ending)")
            #expect(answer.headers[.contentType] == "text/plain; charset=utf-8")
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test(
        "an upload's content is never a page: its type is its name's, and a picture with scripts is shut in"
    )
    func sniffing() async throws {
        let studio = try studio()
        try studio.write("<script>alert(1)</script>", to: "root/clips/b.jpg")
        try studio.write("<svg><script>alert(1)</script></svg>", to: "root/c.svg")
        try await studio.serve { browser in
            for (path, type) in [("clips/b.jpg", "image/jpeg"), ("c.svg", "image/svg+xml")] {
                let answer = try await browser.get("/api/files/0/\(path)")
                #expect(answer.headers[.contentType] == type)
                #expect(answer.headers[.xContentTypeOptions] == "nosniff")
                let policy = answer.headers[.contentSecurityPolicy] ?? ""
                #expect(
                    policy.hasPrefix("sandbox; default-src 'none'") && !policy.contains("script")
                )
            }
        }
    }

    @Test("every answer has the headers that shut a page in, whatever its status")
    func headers() async throws {
        try await studio { $0.token = nil }.serve { browser in
            let ours = try await browser.loggedIn()
            let path = "/api/files/0/clips/a.mp4"
            let tag = try await browser.get(path).headers[.eTag] ?? ""
            let answers = [
                try await browser.get(path, [.ifNoneMatch: tag]),
                try await browser.get(path, [.range: "bytes=99-"]),
                try await browser.get("/api/files/9"),
                try await browser.send(.post, "/api/uploads"),
                try await browser.send(.options, "/"), try await browser.get("/nowhere"),
                try await ours.send(
                    .post,
                    "/api/uploads",
                    [.contentType: "text/plain"],
                    body: "{}"
                ),
                try await browser.send(.head, "/"),
            ]
            #expect(answers.map(\.status.code) == [304, 416, 400, 403, 405, 404, 415, 200])
            for headers in answers.map(\.headers) {
                #expect(headers[.contentSecurityPolicy]?.contains("frame-ancestors") == true)
                #expect(headers[.xContentTypeOptions] == "nosniff")
                #expect(headers[.referrerPolicy] == "same-origin")
                #expect(headers[.resourcePolicy] == "same-origin")
                #expect(headers[.openerPolicy] == "same-origin")
            }
        }
    }

    @Test("an expression that never comes to an end is given up", .timeLimit(.minutes(1)))
    func expression() async throws {
        let studio = try studio()
        try studio.write(String(repeating: "a", count: 60) + "!", to: "root/clips/a.txt")
        try await studio.serve { browser in
            let answer = try await browser.loggedIn().send(
                .post,
                "/api/datasets/0/clips/replace",
                body: #"{"find": "(a+)+$", "replace": "", "isExpression": true, "dryRun": true}"#
            )
            #expect(
                answer.fault
                    == "find: takes too long to search for; write a simpler expression, without repeated repetitions"
            )
        }
    }

    @Test("two studios on one machine have cookies of their own names")
    func cookies() {
        let names = [7860, 7861, 0, 0].map { Sessions(token: nil, port: $0).cookie }
        #expect(names[0] == "likeness_session_7860" && Set(names).count == 4)
    }
}
