import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// An answer, and the headers of it and of the redirects before it; of equal ones the first counts.
struct HubExchange {
    let response: HTTPClientResponse
    let headers: HTTPHeaders
}

extension HubClient {
    private static let mostRedirects = 10

    /// Sends a request to the hub and follows redirects; the token goes to the hub's own host only.
    ///
    /// - Parameters:
    ///   - method: of the request.
    ///   - path: after the endpoint, escaped.
    ///   - answer: what a refusal means.
    ///   - headers: sent to every host.
    ///   - stopsAtOtherHost: takes a redirect to another host for the answer.
    /// - Returns: a response with a status of success, or such a redirect.
    /// - Throws: `ModelHubError` for a refusal, else what the connection throws.
    func send(
        _ method: HTTPMethod,
        _ path: String,
        _ answer: HubAnswer,
        headers: HTTPHeaders = [:],
        stopsAtOtherHost: Bool = false
    ) async throws -> HubExchange {
        let start = try address(environment.endpoint + path)
        var url = start
        var seen = HTTPHeaders()
        for _ in 0...Self.mostRedirects {
            // Where a redirect leads is not ours to trust: only the hub itself gets the token.
            let token = url.hasSameOrigin(as: start) ? environment.token : nil
            let response = try await execute(method, url, headers: headers, token: token)
            seen.add(contentsOf: response.headers)
            guard let location = response.redirect else {
                if let refusal = answer.refusal(response) { throw refusal }
                return HubExchange(response: response, headers: seen)
            }
            let next = try address(location, from: url)
            if stopsAtOtherHost, !next.hasSameOrigin(as: start) {
                return HubExchange(response: response, headers: seen)
            }
            url = next
        }
        throw ModelHubError(
            .network,
            at: start.absoluteString,
            "redirects more than \(Self.mostRedirects) times, should lead to the file",
            fix: "check HF_ENDPOINT and any proxy on the way"
        )
    }

    private func execute(
        _ method: HTTPMethod,
        _ url: URL,
        headers: HTTPHeaders,
        token: String?
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = method
        request.headers = headers
        request.headers.add(name: "user-agent", value: "likeness")
        request.headers.add(name: "accept-encoding", value: "identity")
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        // Large files take hours; silence is what ends a request, not its length.
        return try await http.execute(request, deadline: .distantFuture)
    }

    private func address(_ text: String, from base: URL? = nil) throws(ModelHubError) -> URL {
        let url = URL(string: text, relativeTo: base)?.absoluteURL
        guard let url, ["http", "https"].contains(url.scheme), url.host != nil else {
            throw ModelHubError(
                .network,
                at: text,
                "is no address that a file can be fetched from, should begin with https://",
                fix: "check HF_ENDPOINT"
            )
        }
        return url
    }
}

extension HTTPClientResponse {
    fileprivate var redirect: String? {
        [301, 302, 303, 307, 308].contains(status.code) ? headers.first(name: "location") : nil
    }
}

extension URL {
    fileprivate func hasSameOrigin(as other: URL) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }
}
