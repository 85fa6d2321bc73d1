import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import RunStore
import Testing

@testable import Studio

@Suite("Safe by default")
struct SafetyTests {
    /// An address that changes something, as those of jobs do.
    private struct Switch: StudioRoutes {
        let file: String

        func add(to router: Router<StudioContext>) {
            router.post("/api/switch") { _, _ in
                try Data("on".utf8).write(to: URL(fileURLWithPath: file))
                return Response.done
            }
        }
    }

    private func studio(
        _ change: (inout StudioConfiguration) -> Void = { _ in }
    ) throws -> (TestStudio, String) {
        let file = FileManager.default.temporaryDirectory.path + "/switch-\(UUID().uuidString)"
        return (try TestStudio(routes: [Switch(file: file)], change), file)
    }

    @Test(
        "a Host that is not ours is refused, whatever the address",
        arguments: [
            ("evil.example", 421), ("127.0.0.1.evil.example", 421),
            ("localhost:1@evil.example", 421),
            ("", 421), ("localhost", 200), ("LOCALHOST:9", 200), ("127.0.0.1:7860", 200),
            ("[::1]:7860", 200),
            ("studio.lan", 200),
        ]
    )
    func host(name: String, status: Int) async throws {
        let (studio, _) = try studio { $0.allowedHosts = ["studio.lan"] }
        let answer = try await studio.serve { browser in
            try await browser.raw(
                "GET /api/session HTTP/1.1\r\nHost: \(name)\r\nConnection: close\r\n\r\n"
            )
        }
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("csrf") == (status == 200))
    }

    @Test("without a Host there is no answer but a refusal")
    func noHost() async throws {
        let (studio, _) = try studio()
        let answer = try await studio.serve { browser in
            try await browser.raw("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        }
        #expect(answer.hasPrefix("HTTP/1.1 421 "))
        #expect(answer.contains("open the address that the studio printed"))
    }

    @Test(
        "only this machine is listened to unless another address is given, and then a token is made"
    )
    func tokenIsMade() throws {
        #expect(StudioConfiguration(roots: [], home: "", version: "").host == "127.0.0.1")
        for host in ["127.0.0.1", "127.1.2.3", "localhost", "::1"] {
            #expect(try TestStudio { $0.host = host }.server.token == nil)
        }
        for host in ["0.0.0.0", "192.168.1.5", "::", "127.evil.example"] {
            #expect(try TestStudio { $0.host = host }.server.token?.count == 43)
        }
    }

    @Test("without the token nothing is shown, by cookie or by header it is")
    func token() async throws {
        let (studio, file) = try studio { $0.token = "secret-token" }
        try await studio.serve { browser in
            for path in [
                "/", "/api/session", "/api/files/0/clips", "/api/schema", "/login/x",
                "/none",
            ] {
                #expect(try await browser.get(path).status == .unauthorized)
            }
            let page = try await browser.get("/", [.accept: "text/html"])
            #expect(page.status == .seeOther && page.headers[.location] == "/login")
            let wrong = try await browser.get(
                "/api/session",
                [.authorization: "Bearer secret-tokeN"]
            )
            #expect(
                wrong.fault.hasPrefix(
                    "token: is missing or wrong, expected the one that the studio printed"
                )
            )
            let bearer: HTTPFields = [.authorization: "Bearer secret-token"]
            #expect(try await browser.get("/api/session", bearer).status == .ok)
            #expect(try await browser.send(.post, "/api/switch", bearer).status == .noContent)
        }
        #expect(FileManager.default.contents(atPath: file) != nil)
    }

    @Test("logging in gives a cookie that scripts and other sites cannot use")
    func login() async throws {
        let (studio, _) = try studio { $0.token = "secret-token" }
        try await studio.serve { browser in
            let page = try await browser.get("/login").text
            #expect(page.contains("<form method=\"post\" action=\"/login\""))
            let form: HTTPFields = [
                .contentType: "application/x-www-form-urlencoded", .origin: "http://localhost",
            ]
            let wrong = try await browser.send(.post, "/login", form, body: "token=nothing")
            #expect(wrong.headers[.location] == "/login?failed" && wrong.headers[.setCookie] == nil)
            let foreign = try await browser.send(
                .post,
                "/login",
                [.origin: "http://evil.example"],
                body: "token=secret-token"
            )
            #expect(foreign.status == .forbidden)
            let right = try await browser.send(.post, "/login", form, body: "token=secret%2Dtoken")
            #expect(right.status == .seeOther)
            let cookie = try #require(right.headers[.setCookie])
            #expect(cookie.hasSuffix("; Path=/; HttpOnly; SameSite=Strict"))
            let value = String(cookie.prefix { $0 != ";" })
            #expect(try await browser.get("/api/session", [.cookie: value]).status == .ok)
            let forged = String(value.dropLast()) + (value.hasSuffix("A") ? "B" : "A")
            #expect(
                try await browser.get("/api/session", [.cookie: forged]).status == .unauthorized
            )
        }
    }

    @Test("a token is compared by its code, all bytes of it, and kept nowhere")
    func constantTime() {
        let sessions = Sessions(token: "secret-token")
        #expect(sessions.isToken("secret-token"))
        for text in ["", "secret-toke", "secret-token2", "Xecret-token", "secret-tokenX"] {
            #expect(!sessions.isToken(text))
        }
        var shown = ""
        dump(sessions, to: &shown)
        #expect(!shown.contains("secret-token"))
        #expect(!Sessions(token: nil).isToken(""))
        #expect(
            Sessions.isEqual("ab", "ab") && !Sessions.isEqual("ab", "aB")
                && !Sessions.isEqual("ab", "abc")
        )
        let session = sessions.make()
        #expect(sessions.session(cookie: sessions.value(of: session)) == session)
        #expect(Sessions(token: "secret-token").session(cookie: sessions.value(of: session)) == nil)
    }

    @Test("a change needs our page's key, its cookie, and its origin")
    func changes() async throws {
        let (studio, file) = try studio()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let other = try await browser.loggedIn()
            func refused(_ change: (inout TestBrowser) -> Void) async throws -> String {
                var copy = ours
                change(&copy)
                let response = try await copy.send(.post, "/api/switch")
                #expect(response.status == .forbidden)
                #expect(!FileManager.default.fileExists(atPath: file))
                return response.fault
            }
            #expect(
                try await refused { $0.headers[.changeKey] = nil }
                    == "X-Likeness-CSRF: is missing or of another session; reload the page; scripts get it from /api/session"
            )
            _ = try await refused { $0.headers[.cookie] = nil }
            _ = try await refused { $0.headers[.changeKey] = other.headers[.changeKey] }
            #expect(
                try await refused { $0.headers[.origin] = "http://evil.example" }
                    == "Origin: is \"http://evil.example\", which is not ours; make the change on the studio's own pages"
            )
            _ = try await refused { $0.headers[.origin] = "null" }
            _ = try await refused { $0.headers[.origin] = "http://localhost:9999" }
            #expect(
                try await refused { $0.headers[.secFetchSite] = "cross-site" }
                    == "Sec-Fetch-Site: is \"cross-site\", expected same-origin; make the change on the studio's own pages"
            )
            _ = try await refused { $0.headers[.secFetchSite] = "same-site" }
            #expect(
                try await refused {
                    $0.headers[.secFetchSite] = nil
                    $0.headers[.origin] = nil
                } == "Origin: is missing; make the change on the studio's own pages"
            )
            #expect(try await ours.send(.post, "/api/switch").status == .noContent)
            #expect(FileManager.default.fileExists(atPath: file))
        }
    }

    @Test("reading any address changes nothing on disk, and nothing answers to other methods")
    func readingChangesNothing() async throws {
        // All addresses there are, those of jobs, tasks, clips and adapters too.
        let studio = try TestStudio(routes: { roots in
            let places = roots.folders.map(\.path)
            let jobs = try StudioJobs(
                StudioConfiguration(roots: [places[0]], home: places[1], version: "1")
            )
            let job = Job(id: "x", name: "x", device: "cpu", folder: places[0], totalSteps: 1)
            try jobs.database.jobs.add(job, runFile: "job: extension")
            try jobs.database.tasks.add(TaskRecord(id: "x", kind: "plan", arguments: "{}"))
            return jobs.routes
        })
        try studio.write("a", to: "root/clips/a.txt")
        let before = try FileManager.default.subpathsOfDirectory(atPath: studio.folder).sorted()
        let paths = Set(studio.server.router().routes.map { $0.path.description })
        #expect(paths.count > 30)
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            // Events have no end.
            for path in paths where !path.hasSuffix("/events") {
                let path = path.replacing(#/\{[^}]*\}|:\w+/#, with: "x").replacing(
                    "**",
                    with: "0/clips/a.txt"
                )
                for method in [HTTPRequest.Method.get, .head] {
                    let response = try await ours.send(method, path)
                    #expect(response.status.code < 500, "\(method) \(path)")
                }
                #expect(try await ours.send(.options, path).status == .methodNotAllowed)
                #expect(try await ours.send(.trace, path).status == .methodNotAllowed)
            }
        }
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: studio.folder).sorted() == before
        )
    }

    @Test("every answer tells browsers to load nothing from elsewhere and to guess nothing")
    func policies() async throws {
        let (studio, _) = try studio()
        try await studio.serve { browser in
            for path in ["/", "/api/session", "/nowhere", "/api/files/0/none"] {
                let headers = try await browser.get(path).headers
                let policy = try #require(headers[.contentSecurityPolicy])
                #expect(policy.hasPrefix("default-src 'self'; "))
                for part in ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
                    #expect(policy.contains(part))
                }
                #expect(!policy.contains("unsafe") && !policy.contains("http"))
                #expect(headers[.xContentTypeOptions] == "nosniff")
                #expect(headers[.referrerPolicy] == "same-origin")
                #expect(headers[.openerPolicy] == "same-origin")
                #expect(headers[.resourcePolicy] == "same-origin")
            }
            #expect(
                try await browser.get("/nowhere").fault
                    == "GET /nowhere: is no address of the studio; open /"
            )
        }
    }

    @Test(
        "a body that is too long is refused before it is read, a body that is no JSON by its type"
    )
    func bodies() async throws {
        let (studio, _) = try studio()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let path = "/api/run-files/check"
            let long = try await ours.send(
                .post,
                path,
                body: String(repeating: " ", count: (4 << 20) + 1)
            )
            #expect(long.status == .contentTooLarge)
            #expect(
                long.fault
                    == "body: has 4194305 bytes, expected at most 4194304; send less; files go by way of /api/uploads"
            )
            let form = try await ours.send(.post, path, [.contentType: "text/plain"], body: "{}")
            #expect(form.status == .unsupportedMediaType)
            #expect(
                try await ours.send(.post, path, body: "{}").fault
                    == "body: lacks \"yaml\"; correct the request"
            )
            #expect(
                try await ours.send(.post, path, body: "{").fault
                    == "body: is not valid JSON; correct the request"
            )
        }
    }
}
