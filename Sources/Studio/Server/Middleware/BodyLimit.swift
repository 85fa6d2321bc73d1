import HTTPTypes
import Hummingbird

/// Refuses bodies that are too long before any byte of them is read.
struct BodyLimit: RouterMiddleware {
    typealias Context = StudioContext

    /// The most bytes of a body in JSON.
    static let jsonBytes = 4 << 20

    /// Where bodies are streamed to disk, with limits of their own.
    let streamed: String

    func handle(
        _ request: Request,
        context: StudioContext,
        next: (Request, StudioContext) async throws -> Response
    ) async throws -> Response {
        let isStreamed = request.method == .patch && request.uri.path.hasPrefix(streamed)
        if !isStreamed, let length = request.headers[.contentLength].flatMap({ Int($0) }),
            length > Self.jsonBytes
        {
            throw Self.tooLarge(length)
        }
        return try await next(request, context)
    }

    static func tooLarge(_ length: Int?) -> StudioError {
        StudioError(
            .contentTooLarge,
            "body",
            "has \(length.map { "\($0)" } ?? "too many") bytes, expected at most \(jsonBytes)",
            fix: "send less; files go by way of /api/uploads"
        )
    }
}
