import Foundation
import HTTPTypes
import HummingbirdTesting
import RunStore
import Testing

@testable import Studio

/// Tasks from a page's side; in the program's place stands a line of the shell.
@Suite("Tasks over HTTP") struct TaskRouteTests {
    private func studio(_ script: String) throws -> TestStudio {
        let studio = try TestStudio(routes: { roots in
            let home = try #require(roots.folders.last?.path)
            let program = home + "/program.sh"
            try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: program))
            chmod(program, 0o700)
            let database = try RunDatabase(path: home + "/studio.sqlite")
            return [try TaskRoutes(database: database, roots: roots, home: home, program: program)]
        })
        return studio
    }

    private func start(
        _ browser: TestBrowser,
        _ body: String,
        type: String = "application/json"
    ) async throws -> TestResponse {
        try await browser.send(.post, "/api/tasks", [.contentType: type], body: body)
    }

    @Test(
        "a request that cannot be read is told what it lacks",
        arguments: [
            (#"{"arguments": {}}"#, "body: lacks \"kind\"; correct the request"),
            (#"{"kind": "plan"}"#, "body: lacks \"arguments\"; correct the request"),
            (#"{"kind": "plan", "arguments": {}}"#, "body: lacks \"yaml\"; correct the request"),
            ("yaml", "body: is not valid JSON; correct the request"),
        ]
    )
    func faults(body: String, fault: String) async throws {
        try await studio("true").serve { browser in
            let answer = try await start(try await browser.loggedIn(), body)
            #expect(answer.status == .badRequest && answer.fault == fault, "\(answer.text)")
        }
    }

    @Test("a task is not started by what a form can send")
    func forms() async throws {
        try await studio("true").serve { browser in
            let ours = try await browser.loggedIn()
            let body = #"{"kind": "verify", "arguments": {}}"#
            for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
                #expect(try await start(ours, body, type: type).status == .unsupportedMediaType)
            }
            #expect(try await start(ours, body).status == .created)
        }
    }

    @Test("so many tasks run at once and no more")
    func limit() async throws {
        try await studio("exec sleep 600").serve { browser in
            let ours = try await browser.loggedIn()
            let body = #"{"kind": "verify", "arguments": {}}"#
            var ids: [String] = []
            for _ in 0..<TaskRunner.most {
                ids.append(try #require(try await start(ours, body).object()["id"] as? String))
            }
            let further = try await start(ours, body)
            #expect(
                further.fault
                    == "task: is one too many: 8 are at work; wait until one has ended, or cancel one"
            )
            for id in ids { _ = try await ours.send(.post, "/api/tasks/\(id)/cancel", body: "{}") }
        }
    }

    @Test("a line without end is told in parts")
    func endlessLine() async throws {
        try await studio("head -c 300000 /dev/zero | tr '\\0' x; exit 1").serve { browser in
            let ours = try await browser.loggedIn()
            let body = #"{"kind": "verify", "arguments": {}}"#
            let id = try #require(try await start(ours, body).object()["id"] as? String)
            var task = try await ours.get("/api/tasks/\(id)").object()
            while task["state"] as? String == "running" {
                try await Task.sleep(for: .milliseconds(10))
                task = try await ours.get("/api/tasks/\(id)").object()
            }
            let lines = try #require(task["lines"] as? [String])
            #expect(lines.count > 1 && lines.map(\.count).reduce(0, +) == 300_000)
        }
    }

    @Test("a colon in a file's name is no strength, and a merge writes over nothing but adapters")
    func mergeArguments() throws {
        let studio = try TestStudio()
        try studio.write("x", to: "root/a:video=9")
        let scene = try TaskScene(
            folder: TaskFolder(path: studio.home),
            roots: studio.server.roots,
            jobs: RunDatabase(path: studio.home + "/studio.sqlite").jobs
        )
        func merge(_ output: String) throws -> TaskCommand {
            let text = #"{"files": [{"path": "0/a:video=9"}], "output": "\#(output)"}"#
            return try JSONDecoder().decode(MergeTask.self, from: Data(text.utf8)).command(
                in: scene
            )
        }
        let command = try merge("0/-o.safetensors")
        #expect(command.arguments.last == studio.server.roots.folders[0].path + "/a:video=9:1")
        #expect(
            command.arguments.allSatisfy { !$0.hasPrefix("-") || ["--json", "-o"].contains($0) }
        )
        let fault = #expect(throws: StudioError.self) { try merge("0/clips.txt") }
        #expect(
            fault?.description
                == "output: \"0/clips.txt\" should end in .safetensors; choose such a name"
        )
    }
}
