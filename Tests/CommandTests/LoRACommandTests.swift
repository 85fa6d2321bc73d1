import Foundation
import Testing

/// `likeness lora` as a user runs it.
@Suite("likeness lora", .serialized) struct LoRACommandTests {
    private let folder: ScratchFolder
    private let likeness: LikenessProgram

    init() throws {
        folder = try ScratchFolder()
        likeness = LikenessProgram(folder: folder)
        let recording =
            (#filePath as NSString).deletingLastPathComponent
            + "/../../Sources/Verification/Recordings/ltx23_lora.safetensors"
        try FileManager.default.copyItem(atPath: recording, toPath: folder.path + "/a.safetensors")
    }

    @Test("inspect shows kind, rank, names and a row for each pathway")
    func inspect() async throws {
        let outcome = try await likeness.run("lora", "inspect", "a.safetensors")
        #expect(outcome.status == 0, "\(outcome.errors)")
        for text in [
            "  kind     LoRA on 56 layers", "  rank     4",
            "  alpha    none, which means a scale of 1",
            "  names    comfyui", "  trigger  not told by the file",
            "  norm of the change, and by block 0...1",
        ] {
            #expect(outcome.output.contains(text), "\(text)\n\(outcome.output)")
        }
        for pathway in ["video", "audio", "audio_to_video", "video_to_audio"] {
            #expect(outcome.output.contains("\n  \(pathway) "))
        }
        #expect(outcome.output.contains("█"))
    }

    @Test("inspect of two files says how both began; as JSON too")
    func inspectTwo() async throws {
        let outcome = try await likeness.run("lora", "inspect", "a.safetensors", "a.safetensors")
        #expect(
            outcome.output.contains(
                "Both began with the same random matrix: median cosine between what both read is 1.00 over "
                    + "56 layers, above 0.9. Added up they mix; train one of them with another seed, or "
                    + "merge them with care."
            ),
            "\(outcome.output)"
        )
        let json = try await likeness.run(
            "lora",
            "inspect",
            "a.safetensors",
            "a.safetensors",
            "--json"
        )
        let read = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        let files = try #require(read?["files"] as? [[String: Any]])
        #expect(files.count == 2 && (files[0]["layers"] as? [Any])?.count == 56)
        #expect((read?["comparison"] as? [String: Any])?["start"] as? String == "shared")
    }

    @Test("a near-zero file is called that in plain words")
    func nearZero() async throws {
        _ = try await likeness.run(
            "lora",
            "scale",
            "a.safetensors",
            "1e-6",
            "-o",
            "small.safetensors"
        )
        let outcome = try await likeness.run("lora", "inspect", "small.safetensors")
        #expect(
            outcome.output.contains(
                "This is a near-zero LoRA: no layer changes its matrix by more than 0.1 % of the usual "
                    + "length of such a matrix. It will hardly do anything; train longer or at a higher rate."
            ),
            "\(outcome.output)"
        )
    }

    @Test("split, strip, scale, convert and resize say what they wrote")
    func tools() async throws {
        let runs: [([String], [String])] = [
            (
                ["split", "a.safetensors", "-o", "b"],
                ["wrote b_face.safetensors, ", ", 28 layers", "wrote b_voice.safetensors, "]
            ),
            (
                ["strip", "a.safetensors", "--pathways", "voice", "-o", "c.safetensors"],
                ["wrote c.safetensors, ", "without 28 layers"]
            ),
            (
                ["scale", "a.safetensors", "voice=0.5", "-o", "d.safetensors"],
                [
                    "  28 layers copied as they are",
                    "  28 layers scaled in B, in the type of the file",
                ]
            ),
            (
                ["convert", "a.safetensors", "--to", "kohya", "-o", "e.safetensors"],
                ["wrote e.safetensors, ", "56 layers from comfyui to kohya"]
            ),
            (
                ["resize", "a.safetensors", "--rank", "2", "-o", "f.safetensors"],
                [
                    "wrote f.safetensors, ", ", rank 2", "  lost: ",
                    " of the change (norm of the difference",
                ]
            ),
        ]
        for (arguments, texts) in runs {
            let outcome = try await likeness.start(["lora"] + arguments).wait()
            #expect(outcome.status == 0, "\(arguments) \(outcome.errors)")
            for text in texts {
                #expect(outcome.output.contains(text), "\(text)\n\(outcome.output)")
            }
        }
        #expect(
            folder.names(in: "").filter { $0.contains("safetensors") } == [
                "a.safetensors", "b_face.safetensors", "b_voice.safetensors", "c.safetensors",
                "d.safetensors", "e.safetensors", "f.safetensors",
            ]
        )
    }

    @Test("extract makes a LoRA of two checkpoints and says what it lacks")
    func extract() async throws {
        for seed in ["1", "2"] { _ = try await likeness.run("tiny", "m\(seed)", "--seed", seed) }
        let (one, two) = ("m1/ltx-2.3-tiny-dev.safetensors", "m2/ltx-2.3-tiny-dev.safetensors")
        let outcome = try await likeness.run(
            "lora",
            "extract",
            one,
            two,
            "--rank",
            "4",
            "-o",
            "x.safetensors"
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("wrote x.safetensors, "))
        #expect(
            outcome.output.contains(
                "tensors outside of the blocks' matrices differ too, which this file does not have: "
            ),
            "\(outcome.output)"
        )
        let inspected = try await likeness.run("lora", "inspect", "x.safetensors")
        #expect(inspected.output.contains("  base     LTX-2.3"), "\(inspected.output)")
    }

    @Test(
        "faults are sentences, and nothing is written",
        arguments: [
            (
                ["scale", "a.safetensors", "mouth=1", "-o", "o.safetensors"], 65,
                "strengths: \"mouth\" is no part of the model, should be one of video, audio"
            ),
            (
                ["strip", "a.safetensors", "-o", "o.safetensors"], 64,
                "nothing says what to remove; give --pathways or --layers"
            ),
            (
                ["resize", "a.safetensors", "-o", "o.safetensors"], 64,
                "give either --rank or --energy"
            ),
            (
                ["resize", "a.safetensors", "--energy", "1", "-o", "o.safetensors"], 64,
                "--energy is 1.0, should be between 0 and 1, such as 0.99"
            ),
            (
                ["convert", "a.safetensors", "--to", "kohya", "-o", "a.safetensors"], 65,
                "a.safetensors: is an input, should be another file; name another file with -o"
            ),
            (
                ["inspect", "none.safetensors"], 65,
                "none.safetensors: cannot be opened (No such file or directory)"
            ),
        ] as [([String], Int32, String)]
    )
    func faults(arguments: [String], status: Int32, message: String) async throws {
        let outcome = try await likeness.start(["lora"] + arguments).wait()
        #expect(outcome.status == status)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(!folder.exists("o.safetensors"))
    }

    @Test("every subcommand's help has an example")
    func help() async throws {
        for name in ["inspect", "split", "strip", "scale", "convert", "resize", "extract"] {
            let outcome = try await likeness.run("lora", name, "--help")
            #expect(outcome.output.contains("Example: likeness lora \(name) "), "\(name)")
        }
    }
}
