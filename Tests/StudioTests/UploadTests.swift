import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Studio

@Suite("Uploads")
struct UploadTests {
    private func begin(
        _ browser: TestBrowser,
        name: String = "a.mp4",
        folder: String = "0/clips",
        size: Int = 10,
        sha256: String? = nil
    ) async throws -> TestResponse {
        var fields: [String: Any] = ["folder": folder, "name": name, "size": size]
        fields["sha256"] = sha256
        let body = String(
            decoding: try JSONSerialization.data(withJSONObject: fields),
            as: UTF8.self
        )
        return try await browser.send(.post, "/api/uploads", body: body)
    }

    private func piece(
        _ browser: TestBrowser,
        _ id: String,
        _ text: String,
        at offset: Int
    ) async throws -> TestResponse {
        try await browser.send(
            .patch,
            "/api/uploads/\(id)",
            [.uploadOffset: "\(offset)", .contentType: "application/octet-stream"],
            body: text
        )
    }

    @Test("a file comes in pieces, over a restart of the server, and appears when it is whole")
    func pieces() async throws {
        let studio = try TestStudio()
        let id = try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let start = try await begin(ours)
            #expect(start.status == .created)
            let id = try #require(try start.object()["id"] as? String)
            #expect(try await piece(ours, id, "01234", at: 0).headers[.uploadOffset] == "5")
            return id
        }
        #expect(studio.read("root/clips/a.mp4") == nil)
        let again = try StudioServer(studio.server.configuration)
        #expect(try await again.uploads.progress(id).offset == 5)
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let gap = try await piece(ours, id, "6789", at: 6)
            #expect(gap.status == .conflict && gap.headers[.uploadOffset] == "5")
            #expect(gap.fault == "a.mp4: has 5 bytes, but the piece begins at 6; go on at 5")
            #expect(
                try await piece(ours, id, "56789", at: 5).object()["file"] as? String
                    == "0/clips/a.mp4"
            )
            #expect(try await ours.get("/api/uploads/\(id)").headers[.uploadOffset] == "10")
        }
        #expect(studio.read("root/clips/a.mp4") == "0123456789")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: studio.root + "/clips") == ["a.mp4"]
        )
    }

    @Test("the same file begun again goes on where it stopped, another file does not")
    func begunAgain() async throws {
        let studio = try TestStudio()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let id = try #require(try await begin(ours).object()["id"] as? String)
            _ = try await piece(ours, id, "01234", at: 0)
            let again = try await begin(ours).object()
            #expect(again["id"] as? String == id && again["offset"] as? Int == 5)
            for (name, size) in [("b.mp4", 10), ("a.mp4", 11)] {
                let other = try await begin(ours, name: name, size: size).object()
                #expect(other["id"] as? String != id && other["offset"] as? Int == 0)
            }
            #expect(try await piece(ours, id, "56789", at: 5).status == .ok)
            #expect(try await begin(ours).status == .conflict)
        }
    }

    @Test(
        "what may not be uploaded is refused at once",
        arguments: [
            ("a.html", "0/clips", 10, 415), ("a.svg", "0/clips", 10, 415),
            ("a.sh", "0/clips", 10, 415),
            ("noending", "0/clips", 10, 415), ("a.mp4", "0/clips", 2001, 413),
            ("a.mp4", "0/clips", -1, 413),
            ("../a.mp4", "0/clips", 10, 400), (".a.mp4", "0/clips", 10, 400),
            ("a/b.mp4", "0/clips", 10, 400),
            ("a\0.mp4", "0/clips", 10, 400), ("a.mp4", "0/none", 10, 404),
            ("a.mp4", "0/../outside", 10, 400),
            ("a.mp4", "7", 10, 400), ("a.mp4", "0/out", 10, 403), ("there.mp4", "0/clips", 10, 409),
            ("a.mp4", "0/clips/there.mp4", 10, 400),
        ]
    )
    func refusals(name: String, folder: String, size: Int, status: Int) async throws {
        let studio = try TestStudio { $0.uploadLimit = 2000 }
        try studio.write("x", to: "root/clips/there.mp4")
        try FileManager.default.createSymbolicLink(
            atPath: studio.root + "/out",
            withDestinationPath: studio.outside
        )
        try await studio.serve { browser in
            let response = try await begin(
                try await browser.loggedIn(),
                name: name,
                folder: folder,
                size: size
            )
            #expect(response.status.code == status, "\(response.text)")
            #expect(try response.object()["error"] != nil)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: studio.root + "/clips") == [
                "there.mp4"
            ]
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: studio.outside) == [])
    }

    @Test("more bytes than announced are refused, whether their number was sent or not")
    func tooLong() async throws {
        let studio = try TestStudio()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let id = try #require(try await begin(ours).object()["id"] as? String)
            let long = try await piece(ours, id, "01234567890", at: 0)
            #expect(long.status == .contentTooLarge)
            #expect(
                long.fault
                    == "a.mp4: gets more than the 10 bytes that were announced; begin it again with its real size"
            )
            let cookie = ours.headers[.cookie] ?? ""
            let key = ours.headers[.changeKey] ?? ""
            let chunked = try await browser.raw(
                "PATCH /api/uploads/\(id) HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
                    + "Cookie: \(cookie)\r\nX-Likeness-CSRF: \(key)\r\nUpload-Offset: 0\r\n"
                    + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"
            )
            #expect(chunked.hasPrefix("HTTP/1.1 413 "))
            #expect(try await ours.get("/api/uploads/\(id)").headers[.uploadOffset] == "0")
        }
    }

    @Test("a sender that goes away leaves what came, and goes on from there")
    func brokenConnection() async throws {
        let studio = try TestStudio()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let id = try #require(try await begin(ours).object()["id"] as? String)
            let cookie = ours.headers[.cookie] ?? ""
            let key = ours.headers[.changeKey] ?? ""
            try await browser.sendAndLeave(
                "PATCH /api/uploads/\(id) HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
                    + "Cookie: \(cookie)\r\nX-Likeness-CSRF: \(key)\r\nUpload-Offset: 0\r\n"
                    + "Content-Length: 10\r\n\r\n0123"
            ) { try await ours.get("/api/uploads/\(id)").headers[.uploadOffset] == "4" }
            var response = try await piece(ours, id, "456789", at: 4)
            while response.fault.contains("is being sent already") {
                try await Task.sleep(for: .milliseconds(5))
                response = try await piece(ours, id, "456789", at: 4)
            }
            #expect(response.status == .ok, "\(response.text)")
        }
        #expect(studio.read("root/clips/a.mp4") == "0123456789")
    }

    @Test("a file whose SHA-256 is another does not appear")
    func digest() async throws {
        let studio = try TestStudio()
        let right = SHA256.hash(data: Data("0123456789".utf8)).map { String(format: "%02x", $0) }
            .joined()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let id = try #require(
                try await begin(ours, sha256: right.uppercased()).object()["id"] as? String
            )
            let wrong = try await piece(ours, id, "0123456780", at: 0)
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.fault.hasSuffix("expected \(right); upload it again"))
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: studio.root + "/clips") == []
            )
            let second = try #require(
                try await begin(ours, sha256: right).object()["id"] as? String
            )
            #expect(try await piece(ours, second, "0123456789", at: 0).status == .ok)
            #expect(try await begin(ours, name: "b.mp4", sha256: "12").status == .badRequest)
        }
        #expect(studio.read("root/clips/a.mp4") == "0123456789")
    }

    @Test("a file that appeared meanwhile is not replaced, and a cancelled upload leaves nothing")
    func conflicts() async throws {
        let studio = try TestStudio()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let id = try #require(try await begin(ours).object()["id"] as? String)
            try studio.write("mine", to: "root/clips/a.mp4")
            let response = try await piece(ours, id, "0123456789", at: 0)
            #expect(response.fault == "a.mp4: is there already; rename one of them")
            #expect(studio.read("root/clips/a.mp4") == "mine")
            #expect(try await ours.send(.delete, "/api/uploads/\(id)").status == .noContent)
            #expect(try await ours.get("/api/uploads/\(id)").status == .notFound)
            #expect(try await ours.get("/api/uploads/..%2f..%2fx").status == .notFound)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: studio.root + "/clips") == ["a.mp4"]
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: studio.home + "/uploads") == [])
    }
}
