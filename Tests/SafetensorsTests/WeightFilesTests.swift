import Foundation
import Safetensors
import Testing

@Suite struct WeightFilesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func complaint(_ path: String? = nil) -> String? {
        let error = #expect(throws: SafetensorsError.self) {
            try WeightFiles(path: path ?? folder.path)
        }
        return error?.description.replacing(folder.path, with: "FOLDER")
    }

    private func writeIndex(_ map: [String: String]) throws {
        let data = try JSONEncoder().encode(["weight_map": map])
        try data.write(to: URL(fileURLWithPath: "\(folder.path)/model.safetensors.index.json"))
    }

    @Test("a single file is its own folder of weights")
    func single() throws {
        let path = try folder.writeScalars("one.safetensors", ["b": 2, "a": 1])
        let weights = try WeightFiles(path: path)
        #expect(weights.names == ["a", "b"])
        #expect(weights.metadata == ["of": "one.safetensors"])
        #expect(weights.info("b")?.shape == [1])
        #expect(weights.info("c") == nil)
        #expect(try weights.file(for: "b")?.floats("b") == [2])
    }

    @Test("an index chooses the shards and leaves other files alone")
    func index() throws {
        _ = try folder.writeScalars("model-1.safetensors", ["a": 1])
        _ = try folder.writeScalars("model-2.safetensors", ["b": 2])
        _ = try folder.writeScalars("other.safetensors", ["a": 3])
        try writeIndex(["a": "model-1.safetensors", "b": "model-2.safetensors"])
        let weights = try WeightFiles(path: folder.path)
        #expect(weights.names == ["a", "b"])
        #expect(try weights.file(for: "a")?.floats("a") == [1])
        #expect(weights.metadata == ["of": "model-1.safetensors"])
    }

    @Test("without an index the usual name wins, else every file counts")
    func withoutIndex() throws {
        _ = try folder.writeScalars("x-1.safetensors", ["a": 1])
        _ = try folder.writeScalars("x-2.safetensors", ["b": 2])
        #expect(try WeightFiles(path: folder.path).names == ["a", "b"])
        _ = try folder.writeScalars("diffusion_pytorch_model.safetensors", ["a": 5])
        #expect(try WeightFiles(path: folder.path).names == ["a"])
    }

    @Test("a tensor in two files is refused")
    func twice() throws {
        _ = try folder.writeScalars("x-1.safetensors", ["a": 1])
        _ = try folder.writeScalars("x-2.safetensors", ["a": 2])
        #expect(
            complaint() == """
                FOLDER/x-2.safetensors: holds tensor a like FOLDER/x-1.safetensors, \
                should be in one file; name the one file to use
                """
        )
    }

    @Test("an index that names a tensor its shard lacks is refused")
    func lyingIndex() throws {
        _ = try folder.writeScalars("model-1.safetensors", ["a": 1])
        try writeIndex(["a": "model-1.safetensors", "b": "model-1.safetensors"])
        #expect(
            complaint() == """
                FOLDER/model.safetensors.index.json: names 1 tensors that its files lack, \
                such as b, should be in model-1.safetensors; download the folder again
                """
        )
    }

    @Test("an index that leaves the folder or names a pickle is refused")
    func hostileIndex() throws {
        for name in ["../x.safetensors", "model.bin"] {
            try writeIndex(["a": name])
            #expect(
                complaint() == """
                    FOLDER/model.safetensors.index.json: names \(name), \
                    should name .safetensors files beside it; download the folder again
                    """
            )
        }
    }

    @Test("an index that is no JSON is refused")
    func brokenIndex() throws {
        _ = try folder.write("model.safetensors.index.json", Array("{".utf8))
        #expect(
            complaint() == """
                FOLDER/model.safetensors.index.json: is no index, \
                should be JSON with a weight_map; download the folder again
                """
        )
    }

    @Test("a folder without safetensors says what it has instead")
    func noWeights() throws {
        #expect(
            complaint() == """
                FOLDER: holds no weights, should hold .safetensors files; \
                check the path, or download the model
                """
        )
        _ = try folder.write("model.bin", [1])
        #expect(
            complaint() == """
                FOLDER: holds model.bin, a pickle that can run any code when loaded, \
                should hold safetensors; get the .safetensors files of the same model
                """
        )
    }
}
