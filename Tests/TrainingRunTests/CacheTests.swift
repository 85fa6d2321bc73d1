import Foundation
import LTXModel
import Testing
import Training
import TrainingRun

/// What a second start finds.
@Suite("Caches of runs", .serialized) struct CacheTests {
    private func prepared(_ scene: RunScene, name: String) async throws -> (PreparationCount, Data?)
    {
        let count = PreparationCount()
        let result = try await scene.train(scene.runFile(2, name: name)) { count.count($0) }
        return (count, scene.bytes(result.adapter))
    }

    @Test("a second start encodes nothing and trains the same")
    func secondStart() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        let (first, adapter) = try await prepared(scene, name: "first")
        #expect(first.clips == 2 && first.texts == 2)
        try FileManager.default.removeItem(atPath: scene.folder + "/out")
        let (second, again) = try await prepared(scene, name: "first")
        #expect(second.clips == 0 && second.texts == 0)
        #expect(RunScene.tensors(adapter) == RunScene.tensors(again))
    }

    @Test("runs of other names begin with other adapters, whatever their seed")
    func ownBeginning() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let (_, first) = try await prepared(scene, name: "first")
        let (_, second) = try await prepared(scene, name: "second")
        #expect(RunScene.tensors(first) != RunScene.tensors(second))
    }

    @Test("a cut entry is made again")
    func cutEntry() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        _ = try await prepared(scene, name: "first")
        let cache = scene.folder + "/clips/_latent_cache"
        let entry = try #require(
            FileManager.default.contentsOfDirectory(atPath: cache).sorted()
                .first { $0.hasSuffix(".safetensors") }
        )
        let file = try #require(FileHandle(forUpdatingAtPath: "\(cache)/\(entry)"))
        try file.truncate(atOffset: 500)
        try file.close()
        let (count, _) = try await prepared(scene, name: "second")
        #expect(count.clips == 1 && count.texts == 0)
    }

    @Test("another model encodes everything again")
    func otherModel() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        _ = try await prepared(scene, name: "first")
        try scene.writeModel(.ltx23, seed: 2)
        let (count, _) = try await prepared(scene, name: "second")
        #expect(count.clips == 2 && count.texts == 2)
    }

    @Test("a clip that was replaced under its name is encoded again")
    func replacedClip() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        _ = try await prepared(scene, name: "first")
        let target = scene.folder + "/clips/01-greeting.mp4"
        try FileManager.default.removeItem(atPath: target)
        try FileManager.default.copyItem(
            atPath: RunScene.examples + "/07-library.mp4",
            toPath: target
        )
        let (count, _) = try await prepared(scene, name: "second")
        #expect(count.clips == 1)
    }
}
