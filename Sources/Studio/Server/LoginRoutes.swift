import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What the page that asks for the token leads to.
struct LoginRoutes: StudioRoutes {
    static let path = "/login"
    let sessions: Sessions

    func add(to router: Router<StudioContext>) {
        router.post("\(Self.path)") { request, _ in
            let body = try await request.body.collect(upTo: 4096)
            guard let token = Self.token(in: String(buffer: body)), sessions.isToken(token) else {
                return Response(
                    status: .seeOther,
                    headers: [.location: Self.path + "?failed"]
                )
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
}
