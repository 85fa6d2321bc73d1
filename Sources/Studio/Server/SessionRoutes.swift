import HTTPTypes
import Hummingbird

/// What a page asks first.
struct SessionRoutes: StudioRoutes {
    /// The answer.
    struct Answer: Codable {
        struct Root: Codable {
            let index: Int
            let name: String
            let path: String
        }
        let csrf: String
        let version: String
        let roots: [Root]
    }

    let sessions: Sessions
    let roots: Roots
    let version: String

    func add(to router: Router<StudioContext>) {
        router.get("/api/session") { _, context in
            var headers = HTTPFields()
            let session = context.session ?? sessions.make()
            if context.session == nil { headers[.setCookie] = sessions.header(of: session) }
            return try Response.json(
                Answer(
                    csrf: session.changeKey,
                    version: version,
                    roots: roots.folders.enumerated().map {
                        Answer.Root(index: $0, name: $1.name, path: $1.path)
                    }
                ),
                headers: headers
            )
        }
    }
}
