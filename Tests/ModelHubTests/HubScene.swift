import Crypto
import Foundation
import Testing

@testable import ModelHub

/// A hub with one repository, an empty home folder, and a locator between them.
struct HubScene {
    let hub: FakeHub
    let home: String

    static let weights: [UInt8] = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 131 &>> 3) }
    static let config = Array("{\"layers\":2}".utf8)
    static let wanted = ModelFileSelection(layouts: [
        .init(name: "folders", required: ["vae/config.json", "vae/*.safetensors"])
    ])

    /// Runs a test's body and cleans up behind it.
    static func run(
        _ change: (inout FakeHub.Behaviour) -> Void = { _ in },
        _ body: (HubScene) async throws -> Void
    ) async throws {
        var behaviour = FakeHub.Behaviour()
        behaviour.files = [
            "vae/model.safetensors": weights, "vae/config.json": config,
            "vae/pytorch_model.bin": [1, 2, 3], "other.safetensors": [4],
            "../outside.safetensors": [5],
        ]
        change(&behaviour)
        let home = FileManager.default.temporaryDirectory.path + "/hub-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let scene = HubScene(hub: try await FakeHub(behaviour), home: home)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(scene))
        } catch {
            result = .failure(error)
        }
        try await scene.hub.stop()
        try FileManager.default.removeItem(atPath: home)
        try result.get()
    }

    func locator(_ more: [String: String] = [:]) -> ModelLocator {
        let variables = ["HOME": home, "HF_ENDPOINT": hub.endpoint, "HF_TOKEN": "hf_secret"]
        // Long waits: a busy machine is no broken network, and a second try would be counted.
        let network = NetworkPolicy(
            attempts: 3,
            firstDelay: .milliseconds(1),
            connectSeconds: 600,
            silenceSeconds: 600
        )
        return ModelLocator(environment: variables.merging(more) { $1 }, network: network)
    }

    @discardableResult
    func fetch(_ id: String = "org/repo", _ more: [String: String] = [:]) async throws
        -> ModelLocation
    {
        try await locator(more).fetch(id, files: Self.wanted)
    }

    /// What a fetch complains about, with this machine's folders and ports taken out.
    func complaint(_ id: String = "org/repo", _ more: [String: String] = [:]) async -> String? {
        let error = await #expect(throws: ModelHubError.self) { try await fetch(id, more) }
        return error?.description.replacing(home, with: "HOME").replacing(hub.endpoint, with: "HUB")
    }

    var cache: String { "\(home)/.cache/huggingface/hub/models--org--repo" }
    var blob: String { "\(cache)/blobs/\(SHA256.hash(data: Self.weights).hexadecimal)" }

    func content(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map(Array.init)
    }

    func write(_ path: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: url)
    }
}
