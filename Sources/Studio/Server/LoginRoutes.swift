import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The page that asks for the token, and what it leads to.
struct LoginRoutes: StudioRoutes {
    static let path = "/login"
    let sessions: Sessions

    func add(to router: Router<StudioContext>) {
        router.get("/login") { _, _ in Self.page(status: .ok, message: "") }
        router.post("/login") { request, _ in
            let body = try await request.body.collect(upTo: 4096)
            guard let token = Self.token(in: String(buffer: body)), sessions.isToken(token) else {
                return Self.page(status: .unauthorized, message: "That is not the token.")
            }
            return Response(
                status: .seeOther,
                headers: [.location: "/", .setCookie: sessions.header(of: sessions.make())]
            )
        }
    }

    /// The field `token` of a form.
    private static func token(in form: String) -> String? {
        form.split(separator: "&").first { $0.hasPrefix("token=") }
            .flatMap { String($0.dropFirst(6)).removingPercentEncoding }
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private static func page(status: HTTPResponse.Status, message: String) -> Response {
        let html = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <meta name="color-scheme" content="light dark">
            <title>Likeness</title>
            <h1>Likeness</h1>
            <form method="post" action="/login">
            <p><label>The token that <code>likeness studio</code> printed:
            <input name="token" type="password" autocomplete="current-password" required autofocus></label>
            <button>Log in</button></p>
            <p role="alert">\(message)</p>
            </form>
            </html>
            """
        return Response(
            status: status,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html))
        )
    }
}
