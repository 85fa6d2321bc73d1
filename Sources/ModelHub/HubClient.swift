import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Asks the hub: what a repository holds, what a file is, the bytes of a file.
struct HubClient: Sendable {
    let http: HTTPClient
    let environment: HubEnvironment
    let network: NetworkPolicy

    private struct Listing: Decodable {
        struct Sibling: Decodable { let rfilename: String }
        let sha: String
        let siblings: [Sibling]
    }

    /// The commit that a revision means, and the files in it.
    func listing(_ id: ModelID) async throws -> (commit: String, files: [String]) {
        let url = "/api/models/\(id.repository)/revision/\(Self.escaped(id.revision, slash: false))"
        let answer = answer(id, revision: id.revision, file: nil)
        return try await retrying {
            let exchange = try await send(.GET, url, answer)
            let body = try await exchange.response.body.collect(upTo: 64 << 20)
            guard let listing = try? JSONDecoder().decode(Listing.self, from: Data(buffer: body)),
                CacheLayout.isCommit(listing.sha)
            else { throw foreign(url, "a list of files") }
            return (listing.sha, listing.siblings.map(\.rfilename))
        }
    }

    /// What the hub says about a file: the commit, the size and the hash.
    func describe(_ path: String, of id: ModelID, at revision: String) async throws -> RemoteFile {
        let url = Self.resolve(path, of: id, at: revision)
        let answer = answer(id, revision: id.revision, file: path)
        return try await retrying {
            let exchange = try await send(.HEAD, url, answer, stopsAtOtherHost: true)
            let (last, headers) = (exchange.response, exchange.headers)
            // The length of a redirect is that of its own text.
            let length = last.status == .ok ? last.headers.first(name: "content-length") : nil
            let size = headers.first(name: "x-linked-size") ?? length
            let etag = headers.first(name: "x-linked-etag") ?? last.headers.first(name: "etag")
            let commit = headers.first(name: "x-repo-commit")
            guard let commit, CacheLayout.isCommit(commit), let size = size.flatMap(Int.init),
                size >= 0, let hash = etag.flatMap(ContentHash.init(etag:))
            else { throw foreign(url, "the file's commit, size and hash") }
            return RemoteFile(path: path, commit: commit, hash: hash, size: size)
        }
    }

    /// The bytes of a file from an offset on; the answer may begin at 0 nevertheless (status 200).
    func open(_ remote: RemoteFile, of id: ModelID, from offset: Int) async throws
        -> HTTPClientResponse
    {
        let answer = answer(id, revision: id.revision, file: remote.path)
        let url = Self.resolve(remote.path, of: id, at: remote.commit)
        let range = offset > 0 ? [("range", "bytes=\(offset)-")] : []
        return try await send(.GET, url, answer, headers: HTTPHeaders(range)).response
    }

    private static func resolve(_ path: String, of id: ModelID, at revision: String) -> String {
        "/\(id.repository)/resolve/\(escaped(revision, slash: false))/\(escaped(path, slash: true))"
    }

    private static func escaped(_ text: String, slash: Bool) -> String {
        let plain = CharacterSet(charactersIn: "-._~").union(.alphanumerics)
        let allowed = slash ? plain.union(CharacterSet(charactersIn: "/")) : plain
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
    }

    private func answer(_ id: ModelID, revision: String, file: String?) -> HubAnswer {
        HubAnswer(
            repository: id.repository,
            revision: revision,
            file: file,
            endpoint: environment.endpoint,
            hasToken: environment.token != nil
        )
    }

    private func foreign(_ url: String, _ expected: String) -> ModelHubError {
        ModelHubError(
            .network,
            at: environment.endpoint + url,
            "answers unlike a hub, should tell \(expected)",
            fix: "check HF_ENDPOINT and any proxy on the way"
        )
    }
}
