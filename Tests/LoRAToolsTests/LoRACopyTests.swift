import Adapters
import Foundation
import LoRATools
import Safetensors
import Testing
import Torch

/// Tools that copy tensors byte by byte.
@Suite("Splitting, stripping and converting") struct LoRACopyTests {
    private let scene: AdapterScene

    init() throws { scene = try AdapterScene() }

    private func source(_ dialect: KeyDialect = .comfyUI, alpha: Double? = nil) throws -> LoRAFile {
        let tensors = try scene.lowRank(AdapterScene.layers, dialect: dialect, alpha: alpha)
        return try LoRAFile(
            path: scene.write("source", tensors, metadata: ["trigger_word": "ohwx"])
        )
    }

    /// Bytes of all tensors by layer and part.
    private func content(_ path: String) throws -> [String: [UInt8]] {
        let file = try LoRAFile(path: path)
        return Dictionary(
            uniqueKeysWithValues: file.layers.flatMap { layer in
                layer.parts.map { part in
                    let bytes = file.file.withBytes(of: part.stored.name) { Array($0) } ?? []
                    return (
                        "\(layer.path) \(part.name) \(part.stored.dtype) \(part.stored.shape)",
                        bytes
                    )
                }
            }
        )
    }

    @Test("the three files together hold every tensor once, and say where from")
    func split() throws {
        let source = try source()
        let parts = try LoRASplit.write(source, stem: scene.folder + "/anna")
        #expect(parts.map(\.share) == [.face, .voice, .joint])
        #expect(parts.map(\.layerCount) == [4, 3, 5])
        #expect(
            scene.names == [
                "anna_face.safetensors", "anna_joint.safetensors", "anna_voice.safetensors",
                "source.safetensors",
            ]
        )
        var all: [String: [UInt8]] = [:]
        for part in parts {
            let file = try LoRAFile(path: part.path)
            #expect(file.metadata["split_from"] == "source.safetensors")
            #expect(file.metadata["split_share"] == part.share.rawValue)
            #expect(file.metadata["trigger_word"] == "ohwx")
            #expect(file.layers.allSatisfy { LoRAShare($0.pathway) == part.share })
            all.merge(try content(part.path)) { _, _ in [] }
        }
        #expect(try all == content(source.path))
    }

    @Test(
        "the recorded adapters come back from every dialect with the same bytes",
        arguments: KeyDialect.allCases
    )
    func recorded(dialect: KeyDialect) throws {
        for name in ["ltx23_lora", "ltx23_lora_all"] {
            let source = try LoRAFile(path: recording("\(name).safetensors"))
            let (there, back) = (scene.path("there"), scene.path("back"))
            #expect(try LoRAConvert(to: dialect).write(source, to: there) == [])
            #expect(try LoRAFile(path: there).dialect == dialect)
            #expect(try LoRAConvert(to: .comfyUI).write(LoRAFile(path: there), to: back) == [])
            let result = try SafetensorsFile(path: back)
            #expect(result.names == source.file.names && result.metadata == source.metadata)
            for name in result.names {
                #expect(
                    result.withBytes(of: name) { Array($0) }
                        == source.file.withBytes(of: name) { Array($0) }
                )
            }
        }
    }

    @Test("names of diffusers are those that its own converter gives")
    func diffusersNames() throws {
        _ = try LoRAConvert(to: .diffusers).write(source(), to: scene.path("out"))
        let names = try SafetensorsFile(path: scene.path("out")).names.filter {
            $0.contains("lora_A")
        }
        #expect(
            Set(names.map { String($0.dropLast(".lora_A.weight".count)) })
                == [
                    "transformer.proj_in", "transformer.time_embed.linear",
                    "connectors.video_connector.transformer_blocks.0.attn1.to_q",
                    "connectors.audio_connector.transformer_blocks.1.ff.net.2",
                    "transformer.transformer_blocks.0.attn1.to_q",
                    "transformer.transformer_blocks.0.attn2.to_out.0",
                    "transformer.transformer_blocks.0.audio_attn1.to_v",
                    "transformer.transformer_blocks.0.audio_to_video_attn.to_k",
                    "transformer.transformer_blocks.1.video_to_audio_attn.to_q",
                    "transformer.transformer_blocks.1.ff.net.0.proj",
                    "transformer.transformer_blocks.1.audio_ff.net.2", "transformer.audio_proj_out",
                ]
        )
    }

    @Test("an alpha that is the rank is left out for diffusers, and comes back")
    func alphaOfRank() throws {
        let source = try source(.kohya, alpha: 3)
        #expect(try LoRAConvert(to: .diffusers).write(source, to: scene.path("there")) == [])
        #expect(try LoRAFile(path: scene.path("there")).layers.allSatisfy { $0.alpha == nil })
        let there = try LoRAFile(path: scene.path("there"))
        #expect(try LoRAConvert(to: .kohya).write(there, to: scene.path("back")) == [])
        #expect(try content(scene.path("back")) == content(source.path))
    }

    @Test("another alpha is folded into B for diffusers, and said")
    func otherAlpha() throws {
        let source = try source(.kohya, alpha: 6)
        let notes = try LoRAConvert(to: .diffusers).write(source, to: scene.path("there"))
        #expect(
            notes == [
                "alpha of 12 layers is not their rank, and diffusers reads none: it is folded into B, "
                    + "rounded to the type of the file"
            ]
        )
        let result = try LoRAFile(path: scene.path("there"))
        for (before, after) in zip(source.layers, result.layers) {
            let (old, new) = (try before.factors(as: .float64), try after.factors(as: .float64))
            #expect(new.scale == 1)
            try withTorchErrors { #expect((old.up * 2 - new.up).absolute().largest().item() == 0) }
        }
    }

    @Test("kinds that diffusers cannot read are refused")
    func otherKinds() throws {
        let key = "diffusion_model.transformer_blocks.0.attn1.to_q"
        let tensors = try withTorchErrors {
            [("\(key).lokr_w1", scene.normal([2, 2])), ("\(key).lokr_w2", scene.normal([4, 4]))]
        }
        let file = try LoRAFile(path: scene.write("lokr", tensors))
        let error = #expect(throws: LoRAError.self) {
            try LoRAConvert(to: .diffusers).write(file, to: scene.path("out"))
        }
        #expect(
            error?.problem == "is a LoKr like 0 others, which diffusers cannot read"
                && error?.fix == "convert it to comfyui or kohya, or train a LoRA"
        )
        _ = try LoRAConvert(to: .kohya).write(file, to: scene.path("out"))
        #expect(try content(scene.path("out")) == content(file.path))
    }

    @Test(
        "layers go by pathway and by pattern, the rest stays byte by byte",
        arguments: [
            ("voice", [], 3), ("face,other", [], 9), (nil, ["attn1"], 3),
            (nil, ["blocks.0*to_k", "ff."], 4), ("audio", ["patchify"], 3),
        ] as [(String?, [String], Int)]
    )
    func strip(pathways: String?, patterns: [String], count: Int) throws {
        let (source, out) = (try source(), scene.path("out"))
        let gone = try LoRAStrip(pathways: pathways, patterns: patterns).write(source, to: out)
        #expect(gone.count == count)
        let before = try content(source.path)
        let after = try content(out)
        #expect(after.count == before.count - 2 * count)
        #expect(after.allSatisfy { before[$0.key] == $0.value })
    }

    @Test(
        "what would remove nothing, everything or an unknown part is refused, and nothing written"
    )
    func stripRefusals() throws {
        let (source, out) = (try source(), scene.path("out"))
        func message(_ pathways: String?, _ patterns: [String]) -> String {
            do {
                try LoRAStrip(pathways: pathways, patterns: patterns).write(source, to: out)
                return "no error"
            } catch {
                return "\(error)".replacing(scene.folder + "/", with: "")
            }
        }
        #expect(
            message(nil, ["attn9"])
                == "source.safetensors: has no layer that matches, its pathways are video, audio, "
                + "audio_to_video, video_to_audio, video_connector, audio_connector, other; choose "
                + "from these, or a part of a name that likeness lora inspect --json shows"
        )
        #expect(
            message("face,voice,other", [])
                == "source.safetensors: has 12 layers and all match, some should stay; remove fewer"
        )
        #expect(
            message("mouth", [])
                == "--pathways: \"mouth\" is no part of the model, should be one of video, audio, "
                + "audio_to_video, video_to_audio, other, face (video and audio_to_video) or voice "
                + "(audio and video_to_audio); correct it"
        )
        #expect(scene.names == ["source.safetensors"])
    }

    @Test("an input is never overwritten, under other names either")
    func outputs() throws {
        let source = try source()
        let link = scene.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: source.path)
        for (path, problem) in [
            (source.path, "is an input, should be another file"),
            (scene.folder + "/./source.safetensors", "is an input, should be another file"),
            (link, "is an input, should be another file"),
            (scene.folder, "is no name of an adapter file, should end in .safetensors"),
        ] {
            let error = #expect(throws: LoRAError.self) {
                try LoRAConvert(to: .kohya).write(source, to: path)
            }
            #expect(error?.problem == problem)
        }
    }
}
