import Foundation
import HTTPTypes
import HummingbirdTesting
import JobControl
import NIOCore
import RunStore
import Testing

@testable import Studio

/// Jobs from a page's side; their process is a line of the shell under the real keeper.
@Suite("Jobs over HTTP") struct JobRouteTests {
    /// A studio whose jobs run `script`; `$1` is the job's folder, `$2` the mode.
    private func studio(_ script: String) throws -> (studio: TestStudio, supervisor: Supervisor) {
        let home = NSTemporaryDirectory() + "studio-jobs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        var launcher = JobLauncher(likeness: Self.likeness, workingFolder: home)
        launcher.bestDevice = "cpu"
        launcher.arguments = { folder, mode in
            ["--program", "/bin/sh", "--", "-c", script, "sh", folder.path, mode.rawValue]
        }
        let jobs = try StudioJobs(
            StudioConfiguration(roots: [home], home: home, version: "1"),
            launcher: launcher
        )
        let studio = try TestStudio(routes: [
            JobRoutes(supervisor: jobs.supervisor, database: jobs.database, roots: Roots([home])),
            JobDetailRoutes(
                supervisor: jobs.supervisor,
                database: jobs.database,
                roots: Roots([home])
            ),
        ])
        return (studio, jobs.supervisor)
    }

    private static let likeness: String = {
        let bundle = Bundle.allBundles.map(\.bundlePath).first { $0.hasSuffix(".xctest") }
        let place = bundle ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
        return (place as NSString).deletingLastPathComponent + "/likeness"
    }()

    private func runFile(_ name: String) -> String {
        """
        # a comment
        job: extension
        config:
          name: \(name)
          process:
            - type: sd_trainer
              training_folder: out
              device: cpu
              network: {type: lora, linear: 4, linear_alpha: 4}
              datasets:
                - folder_path: clips
              train: {steps: 3}
              model: {name_or_path: model.safetensors}
        """
    }

    private func post(_ browser: TestBrowser, _ path: String, _ fields: [String: Any] = [:])
        async throws -> TestResponse
    {
        let data = try JSONSerialization.data(withJSONObject: fields)
        return try await browser.send(.post, path, body: String(decoding: data, as: UTF8.self))
    }

    private func state(_ id: String, _ browser: TestBrowser) async throws -> String? {
        try await browser.get("/api/jobs/\(id)").object()["state"] as? String
    }

    @Test("a job is made, started, and ends with its log")
    func course() async throws {
        let (studio, supervisor) = try studio("echo begun; echo done")
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let made = try await post(ours, "/api/jobs", ["yaml": runFile("small")])
            #expect(made.status == .created)
            let id = try #require(try made.object()["id"] as? String)
            #expect(try await state(id, ours) == "idle")
            #expect(try await post(ours, "/api/jobs/\(id)/start").status == .ok)
            while try await state(id, ours) != "stopped" {
                await supervisor.look()
                try await Task.sleep(for: .milliseconds(20))
            }
            // It ended well, though not all steps are done.
            let log = try await ours.get("/api/jobs/\(id)/log?from=0").object()
            #expect((log["text"] as? String)?.contains("begun\ndone") == true)
        }
    }

    @Test("faults of a run file are an answer, and no job is made")
    func faults() async throws {
        let (studio, _) = try studio("true")
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let faulty = runFile("small").replacing("steps: 3", with: "stepz: 3")
            let answer = try await post(ours, "/api/jobs", ["yaml": faulty])
            #expect(answer.status == .unprocessableContent)
            let found = try answer.object()["diagnostics"] as? [[String: Any]]
            #expect(found?.first?["path"] as? String == "train.stepz")
            let jobs = try await ours.get("/api/jobs").object()["jobs"] as? [Any]
            #expect(jobs?.isEmpty == true)
        }
    }

    @Test("a clone has another name and the same text otherwise; a name is taken once")
    func clone() async throws {
        let (studio, _) = try studio("true")
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let made = try await post(ours, "/api/jobs", ["yaml": runFile("small")]).object()
            let id = try #require(made["id"] as? String)
            let copy = try await post(ours, "/api/jobs/\(id)/clone").object()
            #expect(copy["name"] as? String == "small_2")
            let other = try #require(copy["id"] as? String)
            let text = try await ours.get("/api/jobs/\(other)/yaml").text
            #expect(text == runFile("small").replacing("name: small", with: "name: small_2"))
            let again = try await post(ours, "/api/jobs", ["yaml": runFile("small")])
            #expect(again.status == .conflict)
        }
    }

    @Test("a deleted job lies in the bin until it is restored")
    func bin() async throws {
        let (studio, _) = try studio("true")
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            let made = try await post(ours, "/api/jobs", ["yaml": runFile("small")]).object()
            let id = try #require(made["id"] as? String)
            #expect(try await ours.send(.delete, "/api/jobs/\(id)").status == .noContent)
            let left = try await ours.get("/api/jobs").object()["jobs"] as? [Any]
            let thrown = try await ours.get("/api/bin").object()["jobs"] as? [Any]
            #expect(left?.count == 0 && thrown?.count == 1)
            #expect(try await post(ours, "/api/bin/\(id)/restore").status == .ok)
            let back = try await ours.get("/api/jobs").object()["jobs"] as? [Any]
            #expect(back?.count == 1)
            // Only what lies in the bin can be deleted for good.
            #expect(try await ours.send(.delete, "/api/bin/\(id)").status == .notFound)
            #expect(try await ours.send(.delete, "/api/jobs/\(id)").status == .noContent)
            #expect(try await ours.send(.delete, "/api/bin/\(id)").status == .noContent)
            #expect(try await ours.get("/api/jobs/\(id)").status == .notFound)
        }
    }

    @Test("what is not there, or does not fit the state, is said")
    func refusals() async throws {
        let (studio, _) = try studio("true")
        try await studio.serve { browser in
            let ours = try await browser.loggedIn()
            #expect(try await ours.get("/api/jobs/none").status == .notFound)
            let made = try await post(ours, "/api/jobs", ["yaml": runFile("small")]).object()
            let id = try #require(made["id"] as? String)
            let answer = try await post(ours, "/api/jobs/\(id)/stop")
            #expect(answer.status == .conflict)
            #expect(
                answer.fault
                    == "job \"small\": is idle and cannot be stopped now; start it first"
            )
        }
    }
}
