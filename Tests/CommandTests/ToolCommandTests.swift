import Foundation
import Testing

/// The commands beside `train`.
@Suite("likeness commands", .serialized) struct ToolCommandTests {
    private let folder: ScratchFolder
    private let likeness: LikenessProgram

    init() throws {
        folder = try ScratchFolder()
        likeness = LikenessProgram(folder: folder)
    }

    @Test(
        "tiny writes a checkpoint that inspect understands",
        arguments: [("ltx2", "LTX-2.0"), ("ltx2.3", "LTX-2.3")]
    )
    func tiny(arch: String, title: String) async throws {
        #expect(try await likeness.run("tiny", "model", "--arch", arch).status == 0)
        let file = try #require(folder.names(in: "model").first { $0.hasSuffix(".safetensors") })
        let outcome = try await likeness.run("model", "inspect", "model/\(file)")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("\(title), single file"))
        for part in ["transformer", "connectors", "vae", "audio_vae", "vocoder"] {
            #expect(outcome.output.contains("  \(part)"))
        }
        #expect(
            folder.names(in: "model/gemma") == [
                "config.json", "model.safetensors", "tokenizer.model",
            ]
        )
    }

    @Test("the same seed gives the same tiny checkpoint, another seed another one")
    func seeds() async throws {
        for (name, seed) in [("a", "1"), ("b", "1"), ("c", "2")] {
            _ = try await likeness.run("tiny", name, "--seed", seed)
        }
        func bytes(_ name: String) -> Data? {
            FileManager.default.contents(
                atPath: "\(folder.path)/\(name)/ltx-2.3-tiny-dev.safetensors"
            )
        }
        #expect(bytes("a") == bytes("b"))
        #expect(bytes("a") != bytes("c"))
    }

    @Test("an unknown architecture is refused with those that there are")
    func unknownArchitecture() async throws {
        let outcome = try await likeness.run("tiny", "model", "--arch", "ltx9")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("--arch is ltx9, should be ltx2 or ltx2.3"))
    }

    @Test("inspect warns of distilled models by their name")
    func distilled() async throws {
        _ = try await likeness.run("tiny", "model")
        try FileManager.default.moveItem(
            atPath: folder.path + "/model/ltx-2.3-tiny-dev.safetensors",
            toPath: folder.path + "/ltx-2.3-distilled.safetensors"
        )
        let outcome = try await likeness.run("model", "inspect", "ltx-2.3-distilled.safetensors")
        #expect(outcome.output.contains("warning: looks like a distilled model"))
    }

    @Test("a pickle is refused with the reason")
    func pickle() async throws {
        try folder.write("not opened", to: "model.ckpt")
        let outcome = try await likeness.run("model", "inspect", "model.ckpt")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("pickle"))
    }

    @Test("the built-in recordings agree, exit status 0")
    func verify() async throws {
        let outcome = try await likeness.run("verify")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains(" passed, 0 failed, "))
    }

    @Test("doctor finds nothing missing where the tests run")
    func doctor() async throws {
        let outcome = try await likeness.run("doctor")
        #expect(outcome.status == 0)
        for name in ["LibTorch", "FFmpeg", "device", "disk"] {
            #expect(outcome.output.contains(name))
        }
    }

    @Test("the schema is JSON with every key documented")
    func schema() async throws {
        let outcome = try await likeness.run("schema", "--json")
        let keys = try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]]
        )
        #expect(keys.count > 200)
        #expect(keys.allSatisfy { ($0["documentation"] as? String)?.isEmpty == false })
    }
}
