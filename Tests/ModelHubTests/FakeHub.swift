import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

@testable import ModelHub

/// Speaks the hub's endpoints for one repository, and hands out large files from another host.
final class FakeHub: Sendable {
    static let commit = String(repeating: "ab", count: 20)

    /// What can go wrong, changed by a test before it begins.
    struct Behaviour: Sendable {
        var files: [String: [UInt8]] = [:]
        /// Statuses by path prefix, each used once, in order.
        var refusals: [(prefix: String, status: HTTPResponseStatus, code: String?)] = []
        /// Bytes after which each next answer of the storage host breaks off.
        var breaks: [Int] = []
        /// Content that is sent in place of the one that the hash is of.
        var sent: [String: [UInt8]] = [:]
        var announcedSize: Int?
        var ignoresRange = false
    }

    let behaviour: Mutex<Behaviour>
    let hub: LocalServer
    let storage: LocalServer

    private final class Shared: Sendable {
        let answer = Mutex<(@Sendable (SeenRequest) -> Reply)?>(nil)
    }

    init(_ behaviour: Behaviour) async throws {
        self.behaviour = Mutex(behaviour)
        let (hubAnswer, storageAnswer) = (Shared(), Shared())
        hub = try await LocalServer { request in
            hubAnswer.answer.withLock { $0 }?(request) ?? Reply(status: .notFound)
        }
        storage = try await LocalServer { request in
            storageAnswer.answer.withLock { $0 }?(request) ?? Reply(status: .notFound)
        }
        hubAnswer.answer.withLock { answer in
            answer = { [weak self] in self?.answerHub($0) ?? Reply(status: .notFound) }
        }
        storageAnswer.answer.withLock { answer in
            answer = { [weak self] in self?.answerStorage($0) ?? Reply(status: .notFound) }
        }
    }

    func stop() async throws {
        try await hub.stop()
        try await storage.stop()
    }

    var endpoint: String { "http://127.0.0.1:\(hub.port)" }
    /// Where the requests for content began, in bytes.
    var contentStarts: [Int] {
        storage.requests.map { $0.range.flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0 }
    }

    private func answerHub(_ request: SeenRequest) -> Reply {
        if let refusal = refusal(request) { return refusal }
        let behaviour = behaviour.withLock { $0 }
        if request.path.hasPrefix("/api/models/org/repo/revision/") { return listing(behaviour) }
        for prefix in ["/org/repo/resolve/main/", "/org/repo/resolve/\(Self.commit)/"]
        where request.path.hasPrefix(prefix) {
            return resolve(String(request.path.dropFirst(prefix.count)), behaviour)
        }
        guard request.path.hasPrefix("/cached/"),
            let content = behaviour.files[String(request.path.dropFirst(8))]
        else { return Reply(status: .notFound) }
        let etag = Insecure.SHA1.hash(data: Data("blob \(content.count)\0".utf8) + content)
        return Reply(headers: ["etag": "\"\(etag.hexadecimal)\""], body: content)
    }

    private func refusal(_ request: SeenRequest) -> Reply? {
        behaviour.withLock { behaviour in
            let index = behaviour.refusals.firstIndex { request.path.hasPrefix($0.prefix) }
            guard let index else { return nil }
            let refusal = behaviour.refusals.remove(at: index)
            let headers = refusal.code.map { ["x-error-code": $0] } ?? [:]
            return Reply(status: refusal.status, headers: HTTPHeaders(Array(headers)))
        }
    }

    private func listing(_ behaviour: Behaviour) -> Reply {
        let names = behaviour.files.keys.sorted().map { "{\"rfilename\":\"\($0)\"}" }
        let json = "{\"sha\":\"\(Self.commit)\",\"siblings\":[\(names.joined(separator: ","))]}"
        return Reply(body: Array(json.utf8))
    }

    /// Large files lie on another host, small ones behind a relative redirect, as on the real hub.
    private func resolve(_ path: String, _ behaviour: Behaviour) -> Reply {
        guard let content = behaviour.files[path] else {
            return Reply(status: .notFound, headers: ["x-error-code": "EntryNotFound"])
        }
        var headers: HTTPHeaders = ["x-repo-commit": Self.commit]
        guard path.hasSuffix(".safetensors") else {
            headers.add(name: "location", value: "/cached/\(path)")
            return Reply(status: .temporaryRedirect, headers: headers, body: Array("moved".utf8))
        }
        let size = behaviour.announcedSize ?? content.count
        headers.add(name: "x-linked-etag", value: "\"\(SHA256.hash(data: content).hexadecimal)\"")
        headers.add(name: "x-linked-size", value: "\(size)")
        headers.add(name: "location", value: "http://localhost:\(storage.port)/\(path)")
        return Reply(status: .found, headers: headers, body: Array("moved".utf8))
    }

    private func answerStorage(_ request: SeenRequest) -> Reply {
        let path = String(request.path.dropFirst())
        return behaviour.withLock { behaviour in
            guard let content = behaviour.sent[path] ?? behaviour.files[path] else {
                return Reply(status: .notFound)
            }
            let end = behaviour.breaks.isEmpty ? nil : behaviour.breaks.removeFirst()
            guard let range = request.range, !behaviour.ignoresRange,
                let start = Int(range.dropFirst("bytes=".count).dropLast()), start < content.count
            else { return Reply(body: content, breakAfter: end) }
            let span = "bytes \(start)-\(content.count - 1)/\(content.count)"
            return Reply(
                status: .partialContent,
                headers: ["content-range": span],
                body: Array(content[start...]),
                breakAfter: end
            )
        }
    }
}

extension Digest {
    var hexadecimal: String {
        map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
