import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix

@testable import Studio

/// A studio over a folder of its own that goes away with it.
final class TestStudio: Sendable {
    let folder: String
    let server: StudioServer
    /// Root 0.
    var root: String { folder + "/root" }
    /// Beside the root, where no page may look.
    var outside: String { folder + "/outside" }
    var home: String { folder + "/home" }

    /// Routes are made when the roots are known.
    init(
        routes: (Roots) throws -> [any StudioRoutes],
        _ change: (inout StudioConfiguration) -> Void = { _ in }
    ) throws {
        folder = FileManager.default.temporaryDirectory.path + "/studio-\(UUID().uuidString)"
        for part in ["root/clips", "outside", "home"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(part)",
                withIntermediateDirectories: true
            )
        }
        var configuration = StudioConfiguration(
            roots: [folder + "/root"],
            home: folder + "/home",
            version: "1.2.3"
        )
        change(&configuration)
        server = try StudioServer(configuration, routes: routes)
    }

    convenience init(
        routes: [any StudioRoutes] = [],
        _ change: (inout StudioConfiguration) -> Void = { _ in }
    ) throws {
        try self.init(routes: { _ in routes }, change)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(path)"))
    }

    func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: "\(folder)/\(path)").map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Serves on a socket while `body` runs.
    func serve<Value: Sendable>(
        _ body: @escaping @Sendable (TestBrowser) async throws -> Value
    ) async throws -> Value {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try await server.application(logger: logger).test(.live) { hasty in
            let port = hasty.port ?? 0
            return try await TestClient.withClient(
                host: "localhost",
                port: port,
                // Where many tests compute at once, an answer may need minutes to get a thread.
                configuration: .init(timeout: .seconds(900))
            ) { client in
                try await body(TestBrowser(client: client, port: port))
            }
        }
    }
}

/// What the server answered.
struct TestResponse {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let body: ByteBuffer
}

/// What a browser on the studio's pages would send.
struct TestBrowser: Sendable {
    let client: TestClient
    let port: Int
    var headers: HTTPFields = [:]

    func get(_ path: String, _ more: HTTPFields = [:]) async throws -> TestResponse {
        try await send(.get, path, more)
    }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ more: HTTPFields = [:],
        body: String? = nil
    ) async throws -> TestResponse {
        var all = headers
        for field in more { all[field.name] = field.value }
        all[.connection] = "keep-alive"
        let response = try await client.execute(
            TestClient.Request(
                path,
                method: method,
                authority: "localhost",
                headers: all,
                body: body.map { ByteBuffer(string: $0) }
            )
        )
        return TestResponse(
            status: response.head.status,
            headers: response.head.headerFields,
            body: response.body ?? ByteBuffer()
        )
    }

    /// A browser with a session, whose changes are let through.
    func loggedIn() async throws -> TestBrowser {
        let response = try await get("/api/session")
        var browser = self
        let cookie = response.headers[.setCookie]?.split(separator: ";").first.map(String.init)
        browser.headers[.cookie] = cookie
        browser.headers[.changeKey] = try response.object()["csrf"] as? String
        browser.headers[.origin] = "http://localhost"
        browser.headers[.secFetchSite] = "same-origin"
        browser.headers[.contentType] = "application/json"
        return browser
    }

    /// Bytes as they are, for what no client would send; what comes until the server closes.
    func raw(_ text: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "localhost", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var answer = ""
            do {
                try await outbound.write(ByteBuffer(string: text))
                for try await part in inbound { answer += String(buffer: part) }
            } catch let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode) {
                // Closed with bytes of ours unread: the system says so, and the answer has ended.
            }
            return answer
        }
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    func object() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any]
            ?? [:]
    }

    /// `where: message; fix` of an error.
    var fault: String {
        let error = try? object()["error"] as? [String: String]
        guard let error else { return text }
        return "\(error["where"] ?? ""): \(error["message"] ?? ""); \(error["fix"] ?? "")"
    }
}
