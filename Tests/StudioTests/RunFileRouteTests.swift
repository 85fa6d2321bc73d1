import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import RunConfig
import Testing

@testable import Studio

@Suite("Run files over HTTP")
struct RunFileRouteTests {
    private func post(_ browser: TestBrowser, _ path: String, _ fields: [String: Any]) async throws
        -> TestResponse
    {
        let data = try JSONSerialization.data(withJSONObject: fields)
        return try await browser.send(.post, path, body: String(decoding: data, as: UTF8.self))
    }

    @Test("the schema is the parser's own, with the presets' values")
    func schema() async throws {
        struct Answer: Decodable {
            struct Preset: Decodable {
                let name: String
                let values: [String: ConfigValue]
            }
            let entries: [SchemaEntry]
            let presets: [Preset]
        }
        let body = try await TestStudio().serve { try await $0.get("/api/schema").body }
        let answer = try JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView))
        #expect(answer.entries == RunFile.schema)
        #expect(answer.presets.map(\.name) == ["face+voice", "voice", "face"])
        #expect(answer.presets[0].values["train.audio_lr"] == 5e-5)
    }

    @Test("a text is checked: faults with their lines, values by their paths")
    func check() async throws {
        try await TestStudio().serve { browser in
            let ours = try await browser.loggedIn()
            let yaml =
                "job: extension\nconfig:\n  name: a\n  process:\n    - type: sd_trainer\n      train:\n        lrr: 1e-4\n"
            let answer = try await post(ours, "/api/run-files/check", ["yaml": yaml]).object()
            let faults = try #require(answer["diagnostics"] as? [[String: Any]])
            let fault = try #require(faults.first { $0["path"] as? String == "train.lrr" })
            #expect(fault["line"] as? Int == 7 && fault["fix"] as? String == "did you mean \"lr\"?")
            let values = try #require(answer["values"] as? [String: Any])
            #expect(
                values["train.lrr"] as? Double == 1e-4 && values["config.name"] as? String == "a"
            )
        }
    }

    @Test("a key is set and removed in the text, and the answer is checked too")
    func edit() async throws {
        try await TestStudio().serve { browser in
            let ours = try await browser.loggedIn()
            let yaml = "job: a # kind\nmeta: {b: 1}\n"
            let set = try await post(
                ours,
                "/api/run-files/edit",
                ["yaml": yaml, "path": "meta.b", "value": 2]
            ).object()
            #expect(set["yaml"] as? String == "job: a # kind\nmeta:\n  b: 2\n")
            #expect(set["rewritten"] as? String == "meta")
            #expect((set["diagnostics"] as? [Any])?.isEmpty == false)
            let removed = try await post(
                ours,
                "/api/run-files/edit",
                ["yaml": yaml, "path": "meta", "value": NSNull()]
            ).object()
            #expect(removed["yaml"] as? String == "job: a # kind\n")
            let fault = try await post(
                ours,
                "/api/run-files/edit",
                ["yaml": "a:\n\t- 1", "path": "meta", "value": 1]
            )
            #expect(fault.status == .unprocessableContent)
            #expect(
                fault.fault
                    == "line 2: a tab in the indentation, expected spaces; replace each tab by two spaces"
            )
        }
    }

    @Test("the machine is described: CPU with memory, load, disks, versions")
    func system() async throws {
        let studio = try TestStudio()
        let answer = try await studio.serve { browser in
            let body = try await browser.get("/api/system").body
            return try JSONDecoder().decode(SystemFacts.self, from: Data(body.readableBytesView))
        }
        let cpu = try #require(answer.devices.first)
        #expect(cpu.id == "cpu" && cpu.memoryTotal > cpu.memoryUsed && cpu.memoryUsed > 0)
        #expect(answer.load.count == 3 && answer.cores > 0)
        #expect(
            answer.disks.count == 1
                && answer.disks.allSatisfy { $0.total >= $0.free && $0.free >= 0 }
        )
        #expect(answer.versions["likeness"] == "1.2.3")
    }

    @Test("the driver's list becomes devices; what it does not know is left out")
    func nvidia() throws {
        let listing = """
            0, NVIDIA H200, 143771, 512, 37, 41, 570.86.15
            1, NVIDIA GB10, [N/A], [N/A], 0, 40, 580.1
            2, NVIDIA GeForce RTX 4090, 24564, 24000, [N/A], [N/A], 570.86.15
            """
        let found = NvidiaDevices(listing: listing)
        #expect(found.devices.map(\.id) == ["cuda:0", "cuda:2"])
        #expect(found.devices[0].memoryTotal == 143_771 << 20 && found.devices[0].load == 0.37)
        #expect(found.devices[1].load == nil && found.devices[1].temperature == nil)
        #expect(found.driver == "570.86.15")
    }
}
