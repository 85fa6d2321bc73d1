import HTTPTypes
import Hummingbird

extension HTTPField.Name {
    /// Where a page shows the key that only our own pages can read.
    static let changeKey = HTTPField.Name("X-Likeness-CSRF") ?? .ifMatch
    static let secFetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .ifMatch
}

/// Lets changes through only from our own pages, or with the token itself.
struct ChangeProtection: RouterMiddleware {
    typealias Context = StudioContext

    func handle(
        _ request: Request,
        context: StudioContext,
        next: (Request, StudioContext) async throws -> Response
    ) async throws -> Response {
        switch request.method {
        case .get, .head: try checkReader(request)
        case .post, .put, .patch, .delete: try check(request, context)
        default:
            throw StudioError(
                .methodNotAllowed,
                "method",
                "is \(request.method), expected GET, HEAD, POST, PUT, PATCH or DELETE",
                fix: "use one of these"
            )
        }
        return try await next(request, context)
    }

    /// Pages of other sites cannot read our answers, but could make the server work: decode clips, walk folders.
    private func checkReader(_ request: Request) throws {
        guard request.uri.path.hasPrefix("/api/"), let site = request.headers[.secFetchSite],
            !["same-origin", "none"].contains(site)
        else { return }
        throw refusal(
            "Sec-Fetch-Site",
            "is \"\(site.prefix(20))\", expected same-origin or none",
            "open it from the studio's own pages"
        )
    }

    private func check(_ request: Request, _ context: StudioContext) throws {
        guard !context.hasBearerToken else { return }
        try checkOrigin(of: request)
        // The login form has no script that could send the header, and changes nothing here.
        if request.uri.path == LoginRoutes.path { return }
        guard let session = context.session, let key = request.headers[.changeKey],
            Sessions.isEqual(key, session.changeKey)
        else {
            throw refusal(
                "X-Likeness-CSRF",
                "is missing or of another session",
                "reload the page; scripts get it from /api/session"
            )
        }
    }

    /// Browsers say from which site a request comes, and pages cannot change that.
    private func checkOrigin(of request: Request) throws {
        let site = request.headers[.secFetchSite]
        if let site, site != "same-origin" {
            throw refusal(
                "Sec-Fetch-Site",
                "is \"\(site.prefix(20))\", expected same-origin",
                Self.fix
            )
        }
        guard let origin = request.headers[.origin] else {
            if site == nil { throw refusal("Origin", "is missing", Self.fix) }
            return
        }
        guard let authority = request.head.authority,
            ["http://\(authority)", "https://\(authority)"].contains(origin)
        else { throw refusal("Origin", "is \"\(origin.prefix(80))\", which is not ours", Self.fix) }
    }

    private static let fix = "make the change on the studio's own pages"

    private func refusal(_ place: String, _ message: String, _ fix: String) -> StudioError {
        StudioError(.forbidden, place, message, fix: fix)
    }
}
