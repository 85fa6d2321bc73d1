import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The studio's own pages: read once, small, kept in memory.
///
/// They are served below a path that has a code of all of them in it, so that browsers may keep them for good, and
/// modules that name each other by relative paths stay together.
struct StaticPages: StudioRoutes {
    private struct Page {
        let type: String
        let tag: String
        let body: ByteBuffer
    }

    static let assets = "/assets/"
    private let pages: [String: Page]
    /// The code of all pages.
    let version: String

    /// - Parameter folder: with `index.html` and `login.html`, in which addresses of others begin with `/assets/`.
    /// - Throws: Foundation's errors for what cannot be read.
    init(folder: URL) throws {
        var files: [(name: String, data: Data)] = []
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        for path in paths where !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
            let file = folder.appendingPathComponent(path).path
            guard !Roots.isFolder(file) else { continue }
            files.append((path, try Data(contentsOf: URL(fileURLWithPath: file))))
        }
        var hash = SHA256()
        for file in files {
            hash.update(data: Data("\(file.name)\0\(file.data.count)\0".utf8))
            hash.update(data: file.data)
        }
        let version = Self.shown(hash.finalize())
        self.version = version
        pages = Dictionary(
            uniqueKeysWithValues: files.map { name, data in
                let data = name.hasSuffix(".html") ? Self.versioned(data, version) : data
                let page = Page(
                    type: ContentType.of(name),
                    tag: "\"\(Self.shown(SHA256.hash(data: data)))\"",
                    body: ByteBuffer(bytes: data)
                )
                return (name, page)
            }
        )
    }

    /// The pages that were built into the program.
    static func bundled() throws -> StaticPages {
        try StaticPages(folder: Bundle.module.bundleURL.appendingPathComponent("Pages"))
    }

    func add(to router: Router<StudioContext>) {
        for method in [HTTPRequest.Method.get, .head] {
            for (path, name) in [("/", "index.html"), (LoginRoutes.path, "login.html")] {
                router.on("\(path)", method: method) { request, _ in
                    try answer(name, request, isFinal: false)
                }
            }
            router.on("/assets/**", method: method) { request, _ in
                let path = request.uri.path.dropFirst(Self.assets.count)
                let isFinal = path.hasPrefix(version + "/")
                return try answer(
                    String(isFinal ? path.dropFirst(version.count + 1) : path),
                    request,
                    isFinal: isFinal
                )
            }
        }
    }

    private func answer(_ name: String, _ request: Request, isFinal: Bool) throws -> Response {
        guard let page = pages[name] else { throw HTTPError(.notFound) }
        var headers: HTTPFields = [
            .contentType: page.type, .eTag: page.tag,
            .cacheControl: isFinal ? "public, max-age=31536000, immutable" : "no-cache",
        ]
        if let known = request.headers[.ifNoneMatch], FileAnswer.lists(known, page.tag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentLength] = "\(page.body.readableBytes)"
        guard request.method != .head else { return Response(status: .ok, headers: headers) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: page.body))
    }

    private static func versioned(_ data: Data, _ version: String) -> Data {
        let text = String(decoding: data, as: UTF8.self)
        return Data(text.replacing("\"/assets/", with: "\"/assets/\(version)/").utf8)
    }

    private static func shown(_ digest: SHA256Digest) -> String {
        digest.prefix(8).map { String(format: "%02x", $0) }.joined()
    }
}
