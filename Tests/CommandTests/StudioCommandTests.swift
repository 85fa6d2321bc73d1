import Foundation
import FoundationNetworking
import Testing

/// The studio as a user starts it: its words, its end, and its memory.
@Suite("likeness studio", .serialized) struct StudioCommandTests {
    private func start(_ scratch: ScratchFolder, _ more: String...) throws
        -> LikenessProgram.Started
    {
        try LikenessProgram(folder: scratch).start(
            ["studio", "--no-browser", "--home", scratch.path + "/home", "--root", scratch.path]
                + more
        )
    }

    private func address(of studio: LikenessProgram.Started) async throws -> String {
        #expect(try await studio.waits(for: "Ctrl-C ends it."))
        let output = String(
            decoding: FileManager.default.contents(atPath: studio.output) ?? Data(),
            as: UTF8.self
        )
        let match = try #require(output.firstMatch(of: #/Studio: (http:\S+)\/\n/#), "\(output)")
        return String(match.1)
    }

    @Test("it prints its address, says what to do when the port is taken, and ends when asked")
    func lifetime() async throws {
        let scratch = try ScratchFolder()
        let studio = try start(scratch, "--port", "0")
        let address = try await address(of: studio)
        #expect(address.hasPrefix("http://127.0.0.1:"))
        let port = address.split(separator: ":").last.map(String.init) ?? ""
        let second = try await start(scratch, "--port", port).wait()
        #expect(second.status == 65)
        #expect(
            second.errors
                == "error: 127.0.0.1:\(port): is in use by another program, perhaps another studio; end that one, or choose another port with --port\n"
        )
        studio.process.terminate()
        #expect(try await studio.wait().status == 0)
    }

    @Test("another address than this machine's own gets a token, printed once")
    func token() async throws {
        let scratch = try ScratchFolder()
        let studio = try start(scratch, "--port", "0", "--host", "0.0.0.0")
        _ = try await address(of: studio)
        studio.process.terminate()
        let output = try await studio.wait().output
        #expect(output.matches(of: #/Token: [A-Za-z0-9_-]{43}\n/#).count == 1)
        let missing = try await start(scratch, "--root", "/does/not/exist").wait()
        #expect(
            missing.errors
                == "error: /does/not/exist: is no folder that can be read; create it, or name another with --root\n"
        )
        #expect(
            try await start(scratch, "--port", "70000").wait().errors.contains(
                "got 70000, expected 0 to 65535"
            )
        )
    }

    /// 256 MB, or as many as LIKENESS_UPLOAD_MEGABYTES says.
    @Test("a large file is uploaded and downloaded in bounded memory")
    func memory() async throws {
        let scratch = try ScratchFolder()
        let asked = ProcessInfo.processInfo.environment["LIKENESS_UPLOAD_MEGABYTES"].flatMap {
            Int($0)
        }
        let size = (asked ?? 256) << 20
        let source = scratch.path + "/source"
        #expect(FileManager.default.createFile(atPath: source, contents: nil))
        #expect(truncate(source, size) == 0)
        let studio = try start(scratch, "--port", "0")
        let address = try await address(of: studio)
        let browser = try await StudioBrowser(address)
        let before = try peak(of: studio.process.processIdentifier)
        let begun = try await browser.send(
            "POST",
            "/api/uploads",
            json: ["folder": "0", "name": "a.mp4", "size": size]
        )
        let id = try #require(begun["id"] as? String, "\(begun)")
        let clock = ContinuousClock.now
        let done = try await browser.upload(source, to: "/api/uploads/\(id)")
        let seconds = (ContinuousClock.now - clock) / .seconds(1)
        #expect(done["file"] as? String == "0/a.mp4", "\(done)")
        let got = try await browser.download("/api/files/0/a.mp4")
        #expect(got == size)
        let after = try peak(of: studio.process.processIdentifier)
        print(
            "evidence upload: \(size >> 20) MB in \(seconds) s, peak \(before >> 20) to \(after >> 20) MB"
        )
        #expect(after - before < 48 << 20)
        studio.process.terminate()
        #expect(try await studio.wait().status == 0)
    }

    /// The most memory that a process ever had, in bytes.
    private func peak(of process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let match = try #require(status.firstMatch(of: #/VmHWM:\s+(\d+) kB/#))
        return (Int(match.1) ?? 0) << 10
    }
}

/// A browser on the studio's pages.
private struct StudioBrowser {
    let address: String
    let headers: [String: String]
    let session = URLSession(configuration: .ephemeral)

    init(_ address: String) async throws {
        self.address = address
        let url = try #require(URL(string: address + "/api/session"))
        let (data, response) = try await session.data(from: url)
        let cookie = (response as? HTTPURLResponse)?.value(forHTTPHeaderField: "Set-Cookie") ?? ""
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        headers = [
            "Cookie": String(cookie.prefix { $0 != ";" }), "Origin": address,
            "X-Likeness-CSRF": object?["csrf"] as? String ?? "", "Content-Type": "application/json",
        ]
    }

    private func request(_ method: String, _ path: String) throws -> URLRequest {
        var request = URLRequest(
            url: try #require(URL(string: address + path)),
            timeoutInterval: 300
        )
        request.httpMethod = method
        request.httpShouldHandleCookies = false
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        return request
    }

    func send(_ method: String, _ path: String, json: [String: Any]) async throws -> [String: Any] {
        var request = try request(method, path)
        request.httpBody = try JSONSerialization.data(withJSONObject: json)
        return try object(try await session.data(for: request).0)
    }

    func upload(_ file: String, to path: String) async throws -> [String: Any] {
        var request = try request("PATCH", path)
        request.setValue("0", forHTTPHeaderField: "Upload-Offset")
        return try object(
            try await session.upload(for: request, fromFile: URL(fileURLWithPath: file)).0
        )
    }

    /// Bytes that came.
    func download(_ path: String) async throws -> Int {
        let (file, _) = try await session.download(for: try request("GET", path))
        defer { try? FileManager.default.removeItem(at: file) }
        return try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
    }

    private func object(_ data: Data) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }
}
