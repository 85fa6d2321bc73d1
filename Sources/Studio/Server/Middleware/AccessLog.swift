import HTTPTypes
import Hummingbird
import Logging

/// A line for each request: method, path without query, status, milliseconds until the answer began.
struct AccessLog: RouterMiddleware {
    typealias Context = StudioContext

    func handle(
        _ request: Request,
        context: StudioContext,
        next: (Request, StudioContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        let time = (ContinuousClock.now - start) / .milliseconds(1)
        // A path may hold line breaks once it is decoded; here it is as it was sent.
        context.logger.debug(
            "\(request.method) \(request.uri.path) \(response.status.code)",
            metadata: ["milliseconds": "\(Int(time.rounded()))"]
        )
        return response
    }
}
