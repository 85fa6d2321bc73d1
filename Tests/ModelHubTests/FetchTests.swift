import Foundation
import Synchronization
import Testing

@testable import ModelHub

@Suite struct FetchTests {
    @Test("a repository comes into the cache in the layout of huggingface_hub")
    func cacheLayout() async throws {
        try await HubScene.run { scene in
            let location = try await scene.fetch()

            #expect(location.files == ["vae/config.json", "vae/model.safetensors"])
            #expect(location.layout == "folders")
            #expect(location.commit == FakeHub.commit)
            #expect(location.folder == "\(scene.cache)/snapshots/\(FakeHub.commit)")
            #expect(scene.content(location.paths[0]) == HubScene.config)
            #expect(scene.content(location.paths[1]) == HubScene.weights)
            #expect(scene.content("\(scene.cache)/refs/main") == Array(FakeHub.commit.utf8))
            let link = try FileManager.default.destinationOfSymbolicLink(atPath: location.paths[1])
            #expect(link == "../../../blobs/\((scene.blob as NSString).lastPathComponent)")
            let blobs = try FileManager.default.contentsOfDirectory(atPath: "\(scene.cache)/blobs")
            #expect(blobs.count == 2)
        }
    }

    @Test("only the needed files are asked for, and never a pickle")
    func onlyNeeded() async throws {
        try await HubScene.run { scene in
            try await scene.fetch()
            let paths = Set((scene.hub.hub.requests + scene.hub.storage.requests).map(\.path))
            #expect(!paths.contains { $0.contains(".bin") || $0.contains("other") })
            #expect(!paths.contains { $0.contains("outside") })
            #expect(scene.hub.storage.requests.map(\.path) == ["/vae/model.safetensors"])
        }
    }

    @Test("the token goes to the hub and to no other host")
    func token() async throws {
        try await HubScene.run { scene in
            try await scene.fetch()
            #expect(scene.hub.hub.requests.allSatisfy { $0.token == "Bearer hf_secret" })
            #expect(scene.hub.storage.requests.count == 1)
            #expect(scene.hub.storage.requests.allSatisfy { $0.token == nil })
        }
    }

    @Test("what is here is found without a request")
    func cacheHit() async throws {
        try await HubScene.run { scene in
            let first = try await scene.fetch()
            let requests = scene.hub.hub.requests.count
            #expect(try await scene.fetch() == first)
            #expect(try await scene.fetch("org/repo@\(FakeHub.commit)") == first)
            #expect(try scene.locator().locate("org/repo", files: HubScene.wanted) == first)
            #expect(scene.hub.hub.requests.count == requests)
        }
    }

    @Test("progress ends at the total")
    func progress() async throws {
        try await HubScene.run { scene in
            let seen = Mutex<[DownloadProgress]>([])
            _ = try await scene.locator().fetch("org/repo", files: HubScene.wanted) { progress in
                seen.withLock { $0.append(progress) }
            }
            let total = HubScene.weights.count + HubScene.config.count
            let last = DownloadProgress(
                file: "vae/model.safetensors",
                receivedBytes: total,
                totalBytes: total
            )
            #expect(seen.withLock { $0.last } == last)
        }
    }

    @Test("a single file goes below MODELS_PATH, else into the cache")
    func singleFile() async throws {
        try await HubScene.run { scene in
            let id = "org/repo/vae/model.safetensors"
            let cached = try await scene.fetch(id)
            #expect(cached.path.hasSuffix("snapshots/\(FakeHub.commit)/vae/model.safetensors"))

            let variables = ["MODELS_PATH": "~/models", "HF_HOME": "\(scene.home)/other"]
            let stored = try await scene.fetch(id, variables)
            #expect(stored.path == "\(scene.home)/models/org/repo/vae/model.safetensors")
            #expect(scene.content(stored.path) == HubScene.weights)
            #expect(scene.hub.storage.requests.count == 2)

            #expect(try await scene.fetch(id, variables) == stored)
            #expect(scene.hub.storage.requests.count == 2)
            let files = try FileManager.default.contentsOfDirectory(
                atPath: "\(stored.folder)/vae"
            )
            #expect(files.sorted() == [".model.safetensors.lock", "model.safetensors"])
        }
    }

    @Test("two that want the same file at once download it once")
    func concurrent() async throws {
        try await HubScene.run { scene in
            async let one = scene.fetch()
            async let two = scene.fetch()
            let locations = try await [one, two]
            #expect(locations[0] == locations[1])
            #expect(scene.hub.storage.requests.count == 1)
            #expect(scene.content(scene.blob) == HubScene.weights)
        }
    }
}
