import Foundation
import Safetensors
import Testing
import Torch

/// `likeness lora merge` as a user runs it.
@Suite("likeness lora merge", .serialized) struct LoRAMergeCommandTests {
    private let folder: ScratchFolder
    private let likeness: LikenessProgram
    private static let recordings =
        (#filePath as NSString).deletingLastPathComponent
        + "/../../Sources/Verification/Recordings/"

    init() throws {
        folder = try ScratchFolder()
        likeness = LikenessProgram(folder: folder)
        for (from, to) in [("ltx23_lora", "a"), ("ltx23_lora_all", "b"), ("ltx23_single", "base")] {
            try FileManager.default.copyItem(
                atPath: Self.recordings + from + ".safetensors",
                toPath: "\(folder.path)/\(to).safetensors"
            )
        }
    }

    /// Files of adapters, hidden ones too.
    private var adapters: [String] {
        folder.names(in: "").filter { $0.contains("safetensors") }
    }

    private func merge(_ arguments: String...) async throws -> LikenessProgram.Outcome {
        try await likeness.start(["lora", "merge", "a.safetensors"] + arguments).wait()
    }

    @Test("a merge says what it did, writes a page, and as JSON prints nothing else")
    func reports() async throws {
        let outcome = try await merge(
            "b.safetensors:0.5",
            "-o",
            "o.safetensors",
            "--mode",
            "isolate",
            "--report",
            "o.html"
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        for text in [
            "1  a.safetensors  strength 1.0\n2  b.safetensors  strength 0.5\n\npathway ",
            "as a plain sum, ", "o.safetensors: 96 layers, 56 of more than one file, ",
        ] {
            #expect(outcome.output.contains(text), "\(text)\n\(outcome.output)")
        }
        #expect(!outcome.output.contains("liminat"))
        let page = try String(contentsOfFile: folder.path + "/o.html", encoding: .utf8)
        #expect(page.contains("<svg") && page.contains("as an exact sum"))
        let json = try await merge("b.safetensors", "-o", "p.safetensors", "--json")
        let read = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect((read?["files"] as? [Any])?.count == 2)
        #expect((read?["words"] as? [String])?.isEmpty == false)
    }

    @Test(
        "faults are sentences, told before anything is written",
        arguments: [
            (
                ["-o", "o.safetensors", "--mode", "calibrated"],
                "calibrated: has no measured inputs"
            ),
            (
                ["-o", "a.safetensors"],
                "a.safetensors: is an input, should be another file; name another file with -o"
            ),
            (
                ["-o", "o.safetensors", "--report", "none/o.html"],
                "none/o.html: is in a folder that does not exist or is not yours, should be writable"
            ),
            (
                ["-o", "o.safetensors", "--report", "o.txt"],
                "o.txt: is no name of a page, should end in .html"
            ),
            (
                ["-o", "o.safetensors", "--mode", "damp:layer"],
                "--mode: \"damp:layer\" has \"layer\", should be a strength from 0 to 1, then one of column, module, "
                    + "pathway, file there; write damp:0.5:pathway"
            ),
            ([], "--output: is missing, should name a file; give -o OUT"),
        ] as [([String], String)]
    )
    func faults(arguments: [String], message: String) async throws {
        let before = adapters
        let outcome = try await likeness.start(
            ["lora", "merge", "a.safetensors", "b.safetensors"] + arguments
        ).wait()
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(adapters == before)
    }

    // MARK: - Left in the middle

    /// Wide layers of a high rank: work for seconds.
    private func writeLarge(_ name: String, seed: UInt64) throws {
        let random = try RandomGenerator(seed: seed)
        let tensors = try withTorchErrors {
            (0..<40).flatMap { block in
                ["attn1.to_q", "attn1.to_k"].flatMap { layer in
                    let key = "diffusion_model.transformer_blocks.\(block).\(layer)"
                    return [
                        ("\(key).lora_A.weight", random.normal([160, 512])),
                        ("\(key).lora_B.weight", random.normal([512, 160])),
                    ]
                }
            }
        }
        try TensorFile(tensors, metadata: [:]).write(to: "\(folder.path)/\(name).safetensors")
    }

    @Test("Ctrl-C says that nothing was written, and leaves nothing")
    func interrupted() async throws {
        for seed in [1, 2] { try writeLarge("l\(seed)", seed: UInt64(seed)) }
        let before = adapters
        // The hidden file stands there from the beginning of the merge to its end. A shell waits for it, since
        // this process may have to do with many tests. With jobs of its own it leaves them their Ctrl-C.
        let outcome = try await likeness.startShell(
            """
            set -m
            "$0" lora merge l1.safetensors l2.safetensors -o o.safetensors --mode isolate --threads 1 &
            until ls -A | grep -q partial; do kill -0 $! || break; sleep 0.01; done
            kill -INT $!
            wait $!
            """
        ).wait()
        #expect(outcome.status == 130, "\(outcome.output)")
        #expect(outcome.errors.contains("Cancelled; nothing was written."), "\(outcome.errors)")
        #expect(adapters == before)
    }

    @Test("where the file does not fit, that is said, and nothing is left")
    func tooLarge() async throws {
        let before = adapters
        // A limit of 64 kB for any file stands for a full disk: writing fails in the same place.
        let outcome = try await likeness.startShell(
            "trap '' XFSZ; ulimit -f 128; exec \"$0\" lora merge a.safetensors b.safetensors -o o.safetensors"
        ).wait()
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("cannot be written (File too large)"), "\(outcome.errors)")
        #expect(adapters == before)
    }

    // MARK: - DoRA

    /// a.safetensors with a magnitude for each row.
    private func writeDoRA() throws {
        let file = try SafetensorsReading.tensors(of: folder.path + "/a.safetensors")
        let tensors = try withTorchErrors {
            file.flatMap { name, tensor -> [(name: String, tensor: Tensor)] in
                guard name.hasSuffix("lora_B.weight") else { return [(name, tensor)] }
                let key = name.replacing("lora_B.weight", with: "dora_scale")
                return [(name, tensor), (key, .full([tensor.size(0), 1], 1.0))]
            }
        }
        try TensorFile(tensors, metadata: [:]).write(to: folder.path + "/dora.safetensors")
    }

    @Test("a DoRA is merged with the model at hand, and refused without it")
    func dora() async throws {
        try writeDoRA()
        let without = try await merge("dora.safetensors", "-o", "o.safetensors")
        #expect(without.status == 65)
        #expect(
            without.errors.contains(
                "and 55 other layers: is a DoRA: its sum with others depends on the model's own matrix; give the "
                    + "model with --base, or pick one file there"
            ),
            "\(without.errors)"
        )
        #expect(!folder.exists("o.safetensors"))
        let with = try await merge(
            "dora.safetensors",
            "-o",
            "o.safetensors",
            "--base",
            "base.safetensors"
        )
        #expect(with.status == 0, "\(with.errors)")
        #expect(with.output.contains("the DoRAs were added exactly, as one DoRA"))
        let inspected = try await likeness.run("lora", "inspect", "o.safetensors")
        #expect(inspected.output.contains("  kind     DoRA on 56 layers"), "\(inspected.output)")
    }

    // MARK: - Merge jobs

    @Test("a merge job is run; an unknown key is refused with its line")
    func job() async throws {
        let text = """
            job: MergeJob
            config:
              name: both
              process:
                - loras: [{path: a.safetensors}, {path: b.safetensors, strength: 0.5}]
                  output: o.safetensors
                  mode: damp
                  granularity: file
                  dialect: diffusers
            """
        try folder.write(text, to: "good.yaml")
        let good = try await likeness.run("lora", "merge", "good.yaml")
        #expect(good.status == 0, "\(good.errors)")
        #expect(
            good.output.contains("over all layers no file is 1.5 times as loud as another")
                || good.output.contains("made quieter")
        )
        let names = try SafetensorsReading.tensors(of: folder.path + "/o.safetensors").map(\.0)
        #expect(names.allSatisfy { $0.hasPrefix("transformer.") })
        try folder.write(text.replacing("granularity", with: "granulartiy"), to: "bad.yaml")
        let bad = try await likeness.run("lora", "merge", "bad.yaml")
        #expect(bad.status != 0)
        #expect(bad.errors.contains("bad.yaml:8"), "\(bad.errors)")
        #expect(bad.errors.contains("granularity"), "\(bad.errors)")
    }

    @Test("ai-toolkit's merge job is run as isolation")
    func foreignJob() async throws {
        try folder.write(
            """
            job: MergeJob
            config:
              name: both
              process:
                - type: merge_orthogonal
                  lora_1_path: a.safetensors
                  lora_2_path: b.safetensors
                  output_path: "[name].safetensors"
                  dare_drop_rate: 0.7
            """,
            to: "seed.yaml"
        )
        let outcome = try await likeness.run("lora", "merge", "seed.yaml")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("isolate") && folder.exists("both.safetensors"))
    }
}

/// Tensors of a file, by name.
private enum SafetensorsReading {
    static func tensors(of path: String) throws -> [(String, Tensor)] {
        let file = try SafetensorsFile(path: path)
        return try file.names.map { ($0, try Tensor(reading: $0, from: file)) }
    }
}
