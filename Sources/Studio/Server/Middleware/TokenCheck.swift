import HTTPTypes
import Hummingbird

/// Finds out who asks: a browser with a cookie, a script with the token, or somebody else.
struct TokenCheck: RouterMiddleware {
    typealias Context = StudioContext
    let sessions: Sessions

    func handle(
        _ request: Request,
        context: StudioContext,
        next: (Request, StudioContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.session = cookie(of: request).flatMap(sessions.session(cookie:))
        context.hasBearerToken = Self.bearer(of: request).map(sessions.isToken) ?? false
        // The page that asks for the token needs its style; nobody's data is in the pages.
        let path = request.uri.path
        let isOpen = path == LoginRoutes.path || path.hasPrefix(StaticPages.assets)
        guard sessions.needsToken, !isOpen, context.session == nil, !context.hasBearerToken else {
            return try await next(request, context)
        }
        if request.method == .get, request.headers[.accept]?.contains("text/html") == true {
            return Response(status: .seeOther, headers: [.location: LoginRoutes.path])
        }
        throw StudioError(
            .unauthorized,
            "token",
            "is missing or wrong, expected the one that the studio printed",
            fix: "open /login, or send \"Authorization: Bearer TOKEN\"",
            headers: [.wwwAuthenticate: "Bearer"]
        )
    }

    /// The cookie's value, from one header or several.
    private func cookie(of request: Request) -> String? {
        let pairs = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }
        let prefix = sessions.cookie + "="
        return pairs.map { $0.drop { $0 == " " } }.first { $0.hasPrefix(prefix) }
            .map { String($0.dropFirst(prefix.count)) }
    }

    private static func bearer(of request: Request) -> String? {
        guard let value = request.headers[.authorization], value.lowercased().hasPrefix("bearer ")
        else { return nil }
        return String(value.dropFirst(7))
    }
}
