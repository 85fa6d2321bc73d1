import HTTPTypes
import Hummingbird

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .referer
    static let openerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy") ?? .referer
    static let resourcePolicy = HTTPField.Name("Cross-Origin-Resource-Policy") ?? .referer
    static let permissionsPolicy = HTTPField.Name("Permissions-Policy") ?? .referer
}

/// Tells browsers what our pages may do; errors and files get these headers too.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = StudioContext

    /// Nothing from elsewhere, no script or style within a page.
    static let policy = [
        "default-src 'self'", "img-src 'self' blob: data:", "media-src 'self' blob: data:",
        "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'",
    ].joined(separator: "; ")

    func handle(
        _ request: Request,
        context: StudioContext,
        next: (Request, StudioContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        // Errors have a body, which HEAD must not get: the next answer would begin within it.
        if request.method == .head { response = response.createHeadResponse() }
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = Self.policy
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        // Nothing to elsewhere. "no-referrer" would make browsers send forms without their origin, which is checked.
        response.headers[.referrerPolicy] = "same-origin"
        response.headers[.openerPolicy] = "same-origin"
        response.headers[.resourcePolicy] = "same-origin"
        response.headers[.permissionsPolicy] = "camera=(), microphone=(), geolocation=()"
        return response
    }
}
