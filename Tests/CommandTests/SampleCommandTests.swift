import Foundation
import Safetensors
import Testing
import Torch

/// `likeness sample` as a user runs it.
@Suite("likeness sample", .serialized) struct SampleCommandTests {
    private let folder: ScratchFolder
    private let likeness: LikenessProgram
    private static let model = [
        "--checkpoint", "model/ltx-2.3-tiny-dev.safetensors", "--text-encoder", "model/gemma",
    ]

    init() async throws {
        folder = try ScratchFolder()
        likeness = LikenessProgram(folder: folder)
        _ = try await likeness.run("tiny", "model")
    }

    private func sample(_ arguments: String...) async throws -> LikenessProgram.Outcome {
        let size = ["--width", "64", "--height", "64", "--frames", "9", "--steps", "2"]
        return try await likeness.start(["sample"] + Self.model + size + arguments).wait()
    }

    private func bytes(_ name: String) -> Data? {
        FileManager.default.contents(atPath: "\(folder.path)/\(name)")
    }

    /// What ffprobe says of a file: codec, width, frames… a line for each stream.
    private func streams(_ name: String) throws -> [String] {
        let entries = "stream=codec_name,width,height,duration,nb_frames,sample_rate"
        let text = try output(
            of: ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "csv=p=0", name]
        )
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Runs a program in the scratch folder to its end.
    @discardableResult
    private func output(of command: [String]) throws -> Data {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return data
    }

    @Test("a prompt becomes a movie with sound; the same seed gives the same file, another another")
    func movie() async throws {
        for (name, seed) in [("a.mp4", "3"), ("b.mp4", "3"), ("c.mp4", "4")] {
            let outcome = try await sample("--prompt", "hello", "--seed", seed, "-o", name)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == name + "\n")
        }
        #expect(bytes("a.mp4") != nil && bytes("a.mp4") == bytes("b.mp4"))
        #expect(bytes("a.mp4") != bytes("c.mp4"))
        let found = try streams("a.mp4")
        #expect(found.first == "h264,64,64,0.375000,9")
        #expect(found.last?.hasPrefix("aac,48000,0.375000") == true)
    }

    @Test("sound, picture and their parts are written on request")
    func parts() async throws {
        #expect(try await sample("--prompt", "a", "-o", "a.wav").status == 0)
        #expect(try await sample("--prompt", "a", "-o", "a.png").status == 0)
        #expect(try await sample("--prompt", "a", "-o", "a.mp4", "--wav", "--png").status == 0)
        #expect(try streams("a.wav").count == 1)
        #expect(try streams("a.png") == ["png,64,64,N/A,N/A"])
        #expect(folder.names(in: "a").count == 9)
    }

    @Test("given sound and given pictures come back as they were; a picture becomes the first one")
    func given() async throws {
        try folder.copyClips("01")
        let clip = "clips/\(try #require(folder.names(in: "clips").first { $0.hasSuffix("mp4") }))"
        for (option, name) in [("--sound", "s.mp4"), ("--clip", "p.mp4")] {
            let outcome = try await sample("--prompt", "a --frames 33", option, clip, "-o", name)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        try output(of: ["ffmpeg", "-v", "error", "-i", clip, "-t", "1.375", "cut.wav"])
        #expect(try await sample("--prompt", "a", "-o", "a.png").status == 0)
        let outcome = try await sample("--prompt", "a", "--image", "a.png", "-o", "i.mp4")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let voice = try await likeness.run("voice", "compare", "s.mp4", "cut.wav", "--json")
        let values = try JSONSerialization.jsonObject(with: Data(voice.output.utf8))
        let distance = (values as? [String: Any])?["distance"] as? Double
        #expect(try #require(distance) < 0.5)
    }

    @Test("an adapter acts as strongly as its name says; --compare shows the base model beside it")
    func adapters() async throws {
        try withTorchErrors {
            let path = "diffusion_model.transformer_blocks.0.attn1.to_q"
            let random = try RandomGenerator(seed: 1)
            try TensorFile(
                [
                    ("\(path).lora_A.weight", random.normal([4, 32])),
                    ("\(path).lora_B.weight", random.normal([32, 4])),
                ].map { (name: $0.0, tensor: $0.1) },
                metadata: [:]
            ).write(to: folder.path + "/lora.safetensors")
        }
        #expect(try await sample("--prompt", "a", "-o", "plain.mp4").status == 0)
        let lora = "lora.safetensors"
        for (strength, name) in [(":0", "zero.mp4"), (":voice=0.5", "voice.mp4")] {
            let outcome = try await sample("--prompt", "a", "--lora", lora + strength, "-o", name)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let outcome = try await sample(
            "--prompt",
            "a",
            "--lora",
            lora,
            "--compare",
            "-o",
            "with.mp4"
        )
        #expect(outcome.output.contains("LoRAs on 1 layers"))
        #expect(
            outcome.output.hasSuffix("with.mp4\nbase model: with.base.mp4\nwith.compare.mp4\n")
        )
        #expect(try streams("with.compare.mp4").first == "h264,128,64,0.375000,9")
        #expect(try pictures("zero.mp4") == pictures("plain.mp4"))
        #expect(try pictures("with.base.mp4") == pictures("plain.mp4"))
        #expect(try pictures("with.mp4") != pictures("plain.mp4"))
    }

    /// The decoded pictures of a movie; its metadata tells files apart that show the same.
    private func pictures(_ name: String) throws -> Data {
        try output(
            of: ["ffmpeg", "-v", "error", "-i", name, "-map", "0:v", "-f", "framemd5", "-"]
        )
    }

    @Test("a file of prompts gives a file each; flags within a line win, and remarks are left out")
    func prompts() async throws {
        try folder.write("# two\na --w 96\n\nb --frames 17 --seed 5\n", to: "p.txt")
        let outcome = try await sample("--prompts", "p.txt", "-o", "many/o.mp4", "--profile")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(folder.names(in: "many") == ["o_1.mp4", "o_2.mp4"])
        #expect(try streams("many/o_1.mp4").first == "h264,96,64,0.375000,9")
        #expect(try streams("many/o_2.mp4").first == "h264,64,64,0.708333,17")
        for part in ["prompts", "transformer", "decoding pictures", "writing files"] {
            #expect(outcome.output.contains(part))
        }
    }

    @Test(
        "what cannot be made is said before any weight is read, with what to do",
        arguments: [
            (["-o", "a.mp4"], "nothing to make: give --prompt TEXT or --prompts FILE"),
            (["--prompt", "a --w x"], "--prompt: got \"x\" after --w, expected a whole number"),
            (
                ["--prompt", "a", "-o", "a.xyz"],
                "a.xyz: its ending says nothing of what it is; use"
            ),
            (
                ["--prompt", "a", "--lora", "no.safetensors"],
                "--lora no.safetensors: there is no such"
            ),
            (
                ["--prompt", "a", "--lora", "p:fase=1"],
                "p:fase=1: \"fase\" is no part of the model"
            ),
            (
                ["--prompt", "a", "--compare"],
                "--compare shows the model with and without adapters"
            ),
            (["--prompt", "a", "--quantize", "x"], "--quantize x: is no format, should be float8"),
            (
                ["--prompt", "a", "--offload", "2"],
                "--offload 2: should be auto, or a share from 0"
            ),
            (["--prompt", "a", "--image", "no.png"], "--image no.png: there is no such file"),
            (["--prompt", "a", "-o", "a.wav", "--only", "movie"], "a.wav: holds sound alone; add"),
        ]
    )
    func refused(arguments: [String], sentence: String) async throws {
        let outcome = try await likeness.start(["sample"] + Self.model + arguments).wait()
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
    }
}
