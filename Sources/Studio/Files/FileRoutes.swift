import Foundation
import HTTPTypes
import Hummingbird

/// Files below the roots.
struct FileRoutes: StudioRoutes {
    static let prefix = "/api/files/"
    let roots: Roots

    func add(to router: Router<StudioContext>) {
        router.get("/api/files/**") { request, _ in try answer(request) }
        router.head("/api/files/**") { request, _ in try answer(request) }
    }

    private func answer(_ request: Request) throws -> Response {
        let address = try Self.address(in: request.uri.path, behind: Self.prefix)
        let path = try roots.existing(address)
        guard !Roots.isFolder(path) else {
            throw StudioError(.badRequest, address, "is a folder", fix: "name a file in it")
        }
        let file = try OpenFile(path, address: address, roots: roots)
        return FileAnswer(
            file: file,
            name: path.split(separator: "/").last.map(String.init) ?? "file",
            isDownload: request.uri.queryParameters.contains { $0.key == "download" }
        ).response(to: request)
    }

    /// The address behind a route's prefix, decoded part by part: a slash that was escaped does not divide.
    static func address(in path: String, behind prefix: String) throws -> String {
        let parts = path.dropFirst(prefix.count).split(
            separator: "/",
            omittingEmptySubsequences: true
        )
        return try parts.map { part in
            guard let text = String(part).removingPercentEncoding, !text.contains("/") else {
                throw StudioError(
                    .badRequest,
                    String(part.prefix(80)),
                    "is no part of a path",
                    fix: "escape the path's parts one by one"
                )
            }
            return text
        }.joined(separator: "/")
    }
}
