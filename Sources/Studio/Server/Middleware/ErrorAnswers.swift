import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RunConfig

/// Turns what was thrown into an answer that says where, what and what to do.
struct ErrorAnswers: RouterMiddleware {
    typealias Context = StudioContext

    func handle(
        _ request: Request,
        context: StudioContext,
        next: (Request, StudioContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as ConfigError {
            return try .json(["diagnostics": error.diagnostics], status: .unprocessableContent)
        } catch let error as StudioError {
            return try answer(error)
        } catch is NIOTooManyBytesError {
            return try answer(BodyLimit.tooLarge(nil))
        } catch let error as HTTPError {
            return try answer(Self.plain(error, request))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            if let known = StudioError(ofJobs: error) { return try answer(known) }
            context.logger.error("\(request.method) \(request.uri.path): \(error)")
            return try answer(
                StudioError(
                    .internalServerError,
                    request.uri.path,
                    "failed: \(error)",
                    fix: "see the studio's output"
                )
            )
        }
    }

    private func answer(_ error: StudioError) throws -> Response {
        try .json(ErrorAnswer(error), status: error.status, headers: error.headers)
    }

    private static func plain(_ error: HTTPError, _ request: Request) -> StudioError {
        guard error.status == .notFound else {
            return StudioError(
                error.status,
                request.uri.path,
                error.body ?? error.status.reasonPhrase,
                fix: "correct the request"
            )
        }
        return StudioError(
            .notFound,
            "\(request.method) \(request.uri.path)",
            "is no address of the studio",
            fix: "open /"
        )
    }
}
