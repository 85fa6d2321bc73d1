import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import Studio

@Suite("Files below the roots")
struct FileTests {
    private static let text = "0123456789"

    private func studio() throws -> TestStudio {
        let studio = try TestStudio()
        try studio.write(Self.text, to: "root/clips/a.mp4")
        try studio.write("secret", to: "outside/secret.txt")
        return studio
    }

    @Test(
        "paths cannot leave a root, however they are written",
        arguments: [
            ("0/../outside/secret.txt", 400), ("0/..%2foutside%2fsecret.txt", 400),
            ("0/%2e%2e/outside/secret.txt", 400),
            ("0/clips/%2e%2e%2f%2e%2e%2foutside/secret.txt", 400),
            ("0//outside/secret.txt", 404), ("0/clips%00.mp4", 400), ("0/%ff", 400),
            ("9/clips/a.mp4", 400),
            ("-1/clips", 400), ("etc/passwd", 400), ("0/clips", 400),
            ("0/none.mp4", 404),
            ("0/..%5coutside", 404), ("0/clips/a.mp4", 200), ("0/./clips/a.mp4", 400),
        ]
    )
    func paths(path: String, status: Int) async throws {
        let studio = try studio()
        let answer = try await studio.serve { browser in
            try await browser.raw(
                "GET /api/files/\(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
        }
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer.prefix(300))")
        #expect(!answer.contains("secret\""))
        #expect(!answer.hasSuffix("secret"))
    }

    @Test("links that lead out of a root are refused, links within are followed")
    func links() async throws {
        let studio = try studio()
        let files = FileManager.default
        try files.createSymbolicLink(
            atPath: studio.root + "/out.txt",
            withDestinationPath: studio.outside + "/secret.txt"
        )
        try files.createSymbolicLink(
            atPath: studio.root + "/dir",
            withDestinationPath: studio.outside
        )
        try files.createSymbolicLink(
            atPath: studio.root + "/in.mp4",
            withDestinationPath: studio.root + "/clips/a.mp4"
        )
        try files.createSymbolicLink(atPath: studio.root + "/loop", withDestinationPath: "loop")
        try await studio.serve { browser in
            let out = try await browser.get("/api/files/0/out.txt")
            #expect(out.status == .forbidden)
            #expect(
                out.fault
                    == "0/out.txt: is hidden, the studio's own, or a link to a place outside of the studio's folders; start the studio with --root for that folder"
            )
            #expect(try await browser.get("/api/files/0/dir/secret.txt").status == .forbidden)
            #expect(try await browser.get("/api/files/0/loop").status == .notFound)
            #expect(try await browser.get("/api/files/0/in.mp4").text == Self.text)
        }
    }

    @Test("what is no regular file is not opened")
    func pipes() async throws {
        let studio = try studio()
        mkfifo(studio.root + "/pipe.txt", 0o600)
        try await studio.serve { browser in
            let response = try await browser.get("/api/files/0/pipe.txt")
            #expect(response.status == .forbidden)
        }
    }

    @Test(
        "parts of a file by every form of range",
        arguments: [
            ("bytes=0-3", 206, "0123", "bytes 0-3/10"), ("bytes=4-", 206, "456789", "bytes 4-9/10"),
            ("bytes=-3", 206, "789", "bytes 7-9/10"), ("bytes=-99", 206, text, "bytes 0-9/10"),
            ("bytes=8-99", 206, "89", "bytes 8-9/10"), ("bytes=10-", 416, "", "bytes */10"),
            ("bytes=-0", 416, "", "bytes */10"), ("bytes=2-3,5-6", 206, "23", "bytes 2-3/10"),
            ("bytes=20-30,5-6", 206, "56", "bytes 5-6/10"),
            ("bytes=20-30,40-", 416, "", "bytes */10"),
            ("bytes=5-2", 200, text, nil), ("bytes=a-b", 200, text, nil),
            ("lines=1-2", 200, text, nil),
            ("bytes=", 200, text, nil), ("bytes=99999999999999999999-", 416, "", "bytes */10"),
            ("bytes=0-99999999999999999999", 206, text, "bytes 0-9/10"),
        ] as [(String, Int, String, String?)]
    )
    func ranges(header: String, status: Int, content: String, range: String?) async throws {
        let studio = try studio()
        try await studio.serve { browser in
            let response = try await browser.get("/api/files/0/clips/a.mp4", [.range: header])
            #expect(response.status.code == status)
            #expect(response.text == content)
            #expect(response.headers[.contentRange] == range)
            #expect(response.headers[.acceptRanges] == "bytes")
        }
    }

    @Test(
        "a part is only given of the file that the reader began with, and a known file is not sent again"
    )
    func tags() async throws {
        let studio = try studio()
        try await studio.serve { browser in
            let path = "/api/files/0/clips/a.mp4"
            let first = try await browser.get(path)
            let tag = try #require(first.headers[.eTag])
            #expect(first.headers[.contentType] == "video/mp4")
            #expect(
                try await browser.get(path, [.ifNoneMatch: "\"x\", \(tag)"]).status == .notModified
            )
            let part: HTTPFields = [.range: "bytes=0-1", .ifRange: tag]
            #expect(try await browser.get(path, part).text == "01")
            try studio.write("abcdefghijkl", to: "root/clips/a.mp4")
            #expect(try await browser.get(path, part).text == "abcdefghijkl")
            #expect(try await browser.get(path, [.ifNoneMatch: tag]).status == .ok)
        }
    }

    @Test("HEAD has the headers alone, also of a part")
    func head() async throws {
        let studio = try studio()
        let answer = try await studio.serve { browser in
            try await browser.raw(
                "HEAD /api/files/0/clips/a.mp4 HTTP/1.1\r\nHost: localhost\r\nRange: bytes=2-4\r\nConnection: close\r\n\r\n"
            )
        }
        #expect(answer.hasPrefix("HTTP/1.1 206 "))
        #expect(answer.lowercased().contains("content-length: 3\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test("pages among the files are shown apart, without scripts; a download has its name")
    func content() async throws {
        let studio = try studio()
        try studio.write("<script>alert(1)</script>", to: "root/report.html")
        try studio.write("?", to: "root/über \"x\".bin")
        try await studio.serve { browser in
            let page = try await browser.get("/api/files/0/report.html")
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(
                page.headers[.contentSecurityPolicy]?.hasPrefix("sandbox; default-src 'none'")
                    == true
            )
            #expect(page.headers[.xContentTypeOptions] == "nosniff")
            let file = try await browser.get("/api/files/0/%C3%BCber%20%22x%22.bin?download")
            #expect(file.headers[.contentType] == "application/octet-stream")
            #expect(
                file.headers[.contentDisposition]
                    == "attachment; filename*=UTF-8''%C3%BCber%20%22x%22.bin"
            )
        }
    }

    @Test("a file of many pieces arrives whole")
    func large() async throws {
        let studio = try studio()
        let data = Data((0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
        try data.write(to: URL(fileURLWithPath: studio.root + "/large.safetensors"))
        try await studio.serve { browser in
            let response = try await browser.get("/api/files/0/large.safetensors")
            #expect(Data(response.body.readableBytesView) == data)
            let part = try await browser.get(
                "/api/files/0/large.safetensors",
                [.range: "bytes=262143-2999999"]
            )
            #expect(Data(part.body.readableBytesView) == data[262_143...2_999_999])
        }
    }

    @Test(
        "pages that came with the program are kept for good below their code, and asked for again elsewhere"
    )
    func pages() async throws {
        let studio = try TestStudio()
        let version = try StaticPages.bundled().version
        try await studio.serve { browser in
            let page = try await browser.get("/")
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(page.headers[.cacheControl] == "no-cache")
            let tag = try #require(page.headers[.eTag])
            #expect(try await browser.get("/", [.ifNoneMatch: tag]).status == .notModified)
            let final = try await browser.get("/assets/\(version)/index.html")
            #expect(final.headers[.cacheControl] == "public, max-age=31536000, immutable")
            #expect(
                try await browser.get("/assets/index.html").headers[.cacheControl] == "no-cache"
            )
            #expect(try await browser.get("/assets/../Package.swift").status == .notFound)
            #expect(try await browser.get("/assets/%2e%2e/x").status == .notFound)
        }
    }

    @Test("the index names its assets below their code")
    func versions() throws {
        let studio = try TestStudio()
        try studio.write(
            "<script type=\"module\" src=\"/assets/a.js\"></script>",
            to: "outside/index.html"
        )
        try studio.write("1", to: "outside/a.js")
        let first = try StaticPages(folder: URL(fileURLWithPath: studio.outside))
        try studio.write("2", to: "outside/a.js")
        #expect(
            try StaticPages(folder: URL(fileURLWithPath: studio.outside)).version != first.version
        )
    }
}
