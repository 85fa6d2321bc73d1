import Foundation
import HTTPTypes
import HummingbirdTesting
import RunStore
import Testing

@testable import Studio

/// Cutting clips from a page's side: which command a request becomes.
///
/// The program is `echo` here.
@Suite("Cutting clips over HTTP") struct ClipCutRouteTests {
    private func studio() throws -> TestStudio {
        let made = try TestStudio(routes: { roots in
            let home = try #require(roots.folders.last?.path)
            let tasks = try TaskRoutes(
                database: try RunDatabase(path: home + "/studio.sqlite"),
                roots: roots,
                home: home,
                program: "/bin/echo"
            )
            return [tasks, DatasetRoutes(roots: roots, tasks: tasks)]
        })
        try made.write("a clip", to: "root/clips/a.mp4")
        return made
    }

    /// What the program was told by the task that a request started.
    private func command(_ ours: TestBrowser, _ path: String, _ body: String) async throws -> String
    {
        let answer = try await ours.send(.post, path, body: body)
        #expect(answer.status == .created, "\(answer.text)")
        let id = try #require(try answer.object()["task"] as? String)
        while true {
            let task = try await ours.get("/api/tasks/\(id)").object()
            if task["state"] as? String != "running" {
                let result = task["result"] as? [String: Any]
                return (result?["lines"] as? [String])?.joined() ?? "\(task)"
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test("trimming and splitting start a task with the clip's real path")
    func commands() async throws {
        let studio = try studio()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let place = "/api/datasets/0/clips/a.mp4"
            let clip = try #require(Roots.real(studio.root + "/clips/a.mp4"))
            let trimmed = try await command(ours, place + "/trim", #"{"from": 0.5, "to": 2}"#)
            #expect(trimmed == "clip trim \(clip) --json --from=0.5 --to=2.0")
            let split = try await command(ours, place + "/split", #"{"by": "scene", "min": 3}"#)
            #expect(split == "clip split \(clip) --by=scene --json --min=3.0")
        }
    }

    @Test("a clip outside of the roots and an unknown rule are refused")
    func faults() async throws {
        let studio = try studio()
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let place = "/api/datasets/0/clips/"
            let rule = try await ours.send(.post, place + "a.mp4/split", body: #"{"by": "mood"}"#)
            #expect(rule.status == .badRequest)
            #expect(rule.fault == "by: is \"mood\", expected silence or scene; correct the request")
            let absent = try await ours.send(.post, place + "b.mp4/trim", body: #"{"from": 0}"#)
            #expect(absent.status == .notFound)
        }
    }
}
