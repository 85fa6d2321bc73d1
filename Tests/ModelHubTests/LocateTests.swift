import Foundation
import Testing

@testable import ModelHub

@Suite struct LocateTests {
    private func locate(
        _ scene: HubScene,
        _ id: String,
        _ more: [String: String] = [:]
    ) throws -> ModelLocation? {
        try scene.locator(more).locate(id, files: HubScene.wanted)
    }

    @Test("a path to a file or a folder is taken as it is")
    func paths() async throws {
        try await HubScene.run { scene in
            try scene.write("\(scene.home)/m/vae/model.safetensors", [1])
            try scene.write("\(scene.home)/m/vae/config.json", [1])
            let file = try locate(scene, "~/m/vae/model.safetensors")
            #expect(file?.path == "\(scene.home)/m/vae/model.safetensors")
            #expect(file?.layout == "file")
            let folder = try locate(scene, "\(scene.home)/m")
            #expect(folder?.files == ["vae/config.json", "vae/model.safetensors"])
            #expect(folder?.path == "\(scene.home)/m")
        }
    }

    @Test("a folder that lacks files and a pickle say so")
    func badPaths() async throws {
        try await HubScene.run { scene in
            try scene.write("\(scene.home)/m/vae/config.json", [1])
            try scene.write("\(scene.home)/m/x.pt", [1])
            let lacking = #expect(throws: ModelHubError.self) {
                try locate(scene, "\(scene.home)/m")
            }
            #expect(
                lacking?.description.replacing(scene.home, with: "HOME") == """
                    HOME/m: lacks vae/*.safetensors (it has x.pt, a pickle, which is never \
                    loaded), should have them; check that it is the right model, or name its \
                    .safetensors file
                    """
            )
            let pickle = #expect(throws: ModelHubError.self) {
                try locate(scene, "\(scene.home)/m/x.pt")
            }
            #expect(pickle?.kind == .pickle)
            let kind = #expect(throws: ModelHubError.self) {
                try scene.write("\(scene.home)/m/x.gguf", [1])
                _ = try locate(scene, "\(scene.home)/m/x.gguf")
            }
            #expect(
                kind?.description.replacing(scene.home, with: "HOME") == """
                    HOME/m/x.gguf: is no kind of file that is used here, should end in \
                    .safetensors; name the .safetensors file of the model
                    """
            )
        }
    }

    @Test(
        "an id of a file is found in all places below MODELS_PATH",
        arguments: ["org/repo/a/x.safetensors", "a/x.safetensors", "x.safetensors"]
    )
    func modelsPath(place: String) async throws {
        try await HubScene.run { scene in
            try scene.write("\(scene.home)/models/\(place)", [1])
            let variables = ["MODELS_PATH": "\(scene.home)/models"]
            let found = try locate(scene, "org/repo/a/x.safetensors", variables)
            #expect(found?.path == "\(scene.home)/models/\(place)")
            #expect(try locate(scene, "org/repo/a/y.safetensors", variables) == nil)
        }
    }

    @Test("a snapshot without all its files counts as missing")
    func partialSnapshot() async throws {
        try await HubScene.run { scene in
            let snapshot = "\(scene.cache)/snapshots/\(FakeHub.commit)"
            try scene.write("\(scene.cache)/refs/main", Array(FakeHub.commit.utf8))
            try scene.write("\(snapshot)/vae/config.json", [1])
            try scene.write("\(snapshot)/vae/m-00001-of-00002.safetensors", [1])
            #expect(try locate(scene, "org/repo") == nil)
            let link = "\(snapshot)/vae/m-00002-of-00002.safetensors"
            try FileManager.default.createSymbolicLink(
                atPath: link,
                withDestinationPath: "../../../blobs/none"
            )
            #expect(try locate(scene, "org/repo") == nil)
            try scene.write("\(scene.cache)/blobs/none", [1])
            #expect(try locate(scene, "org/repo")?.files.count == 3)
        }
    }

    @Test("every way to write an id is understood")
    func ids() throws {
        let plain = try ModelID("Lightricks/LTX-2")
        #expect((plain.repository, plain.revision, plain.file) == ("Lightricks/LTX-2", "main", nil))
        #expect(plain.cacheFolder == "models--Lightricks--LTX-2")
        #expect(try ModelID("a/b@v1").revision == "v1")
        #expect(try ModelID("a/b@refs/pr/7").revision == "refs/pr/7")
        let file = try ModelID("a/b@v1/c/d.safetensors")
        #expect((file.revision, file.file) == ("v1", "c/d.safetensors"))
        #expect(try ModelID("a/b/c.safetensors").file == "c.safetensors")
    }

    @Test(
        "what is no id is refused",
        arguments: [
            "", "model", "/none/x.safetensors", "./a/b", "a/../b", "a//b", "a/b@", "a/b c",
            "a/b/../../x.safetensors", "https://hub/a/b",
        ]
    )
    func badIDs(text: String) throws {
        let error = #expect(throws: ModelHubError.self) { try ModelID(text) }
        #expect(
            error?.description == """
                \(text): is neither a path that exists nor an id, should be a file, a folder, \
                org/repo, org/repo@revision or org/repo/path/file.safetensors; check the spelling
                """
        )
    }
}
