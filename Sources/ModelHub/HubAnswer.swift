import AsyncHTTPClient
import NIOHTTP1

/// Turns the hub's refusals into what a user can do about them.
struct HubAnswer {
    let repository: String
    let revision: String
    let file: String?
    let endpoint: String
    let hasToken: Bool

    private var place: String {
        let name = revision == "main" ? repository : "\(repository)@\(revision)"
        return file.map { "\(name)/\($0)" } ?? name
    }

    /// Why this answer is no success; `nil` if it is one.
    func refusal(_ response: HTTPClientResponse) -> ModelHubError? {
        let code = response.headers.first(name: "x-error-code")
        switch response.status.code {
        case 200..<300: return nil
        case 401 where code != "GatedRepo": return unauthorized
        case 401 where !hasToken: return gated(", and create a token for HF_TOKEN at \(tokens)")
        case 401, 403: return gated(" with the account of your token")
        case 404: return notFound(code)
        default: return unexpected(response.status)
        }
    }

    private var tokens: String { "\(endpoint)/settings/tokens" }

    /// The hub says 401 also for repositories that do not exist, so as not to tell private ones.
    private var unauthorized: ModelHubError {
        ModelHubError(
            .unauthorized,
            at: place,
            hasToken
                ? "is not open to your token (401), should be a repository that it may read"
                : "is private or does not exist (401), should be public or come with a token",
            fix: "check the spelling, or set HF_TOKEN to a token from \(tokens)"
        )
    }

    private func gated(_ more: String) -> ModelHubError {
        ModelHubError(
            .licenceNotAccepted,
            at: place,
            "may not be downloaded yet, should have its licence accepted",
            fix: "open \(endpoint)/\(repository) and accept the licence\(more)"
        )
    }

    private func notFound(_ code: String?) -> ModelHubError {
        let subject =
            switch code {
            case "EntryNotFound": "file"
            case "RevisionNotFound": "revision"
            default: file == nil ? "repository or revision" : "file"
            }
        return ModelHubError(
            .notFound,
            at: place,
            "is not on \(endpoint) (404), should be a \(subject) there",
            fix: "check the spelling at \(endpoint)/\(repository)"
        )
    }

    private func unexpected(_ status: HTTPResponseStatus) -> ModelHubError {
        ModelHubError(
            .network,
            at: place,
            "was answered with \(status.code) \(status.reasonPhrase) by \(endpoint), should be 200",
            fix: "try again later; if it stays, check HF_ENDPOINT"
        )
    }
}
