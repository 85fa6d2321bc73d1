import HTTPTypes
import Hummingbird

/// Refuses requests that were meant for another name.
struct HostCheck: RouterMiddleware {
    typealias Context = StudioContext
    let names: ServedNames

    func handle(
        _ request: Request,
        context: StudioContext,
        next: (Request, StudioContext) async throws -> Response
    ) async throws -> Response {
        guard names.contains(request.head.authority) else {
            throw StudioError(
                .misdirectedRequest,
                "Host",
                "is \"\(request.head.authority?.prefix(80) ?? "")\", expected a name of this server",
                fix: "open the address that the studio printed, or start it with --allowed-host"
            )
        }
        return try await next(request, context)
    }
}
