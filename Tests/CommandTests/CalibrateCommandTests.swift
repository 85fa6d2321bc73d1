import Foundation
import Testing

/// `likeness lora calibrate`, and the merge after it, as a user runs them.
@Suite("likeness lora calibrate", .serialized) struct CalibrateCommandTests {
    private let folder: ScratchFolder
    private let likeness: LikenessProgram

    init() async throws {
        folder = try ScratchFolder()
        likeness = LikenessProgram(folder: folder)
        let recording =
            (#filePath as NSString).deletingLastPathComponent
            + "/../../Sources/Verification/Recordings/ltx23_lora.safetensors"
        try FileManager.default.copyItem(atPath: recording, toPath: folder.path + "/a.safetensors")
        let made = try await likeness.run(
            "lora",
            "scale",
            "a.safetensors",
            "0.5",
            "-o",
            "b.safetensors"
        )
        try #require(made.status == 0, "\(made.errors)")
    }

    private func write(
        prompts: String = "prompts: [ben laughs]",
        model: String =
            "model: {name_or_path: model/ltx-2.3-tiny-dev.safetensors, te_name_or_path: model/gemma}"
    ) throws {
        let text = """
            job: MergeJob
            config:
              name: both
              process:
                - type: merge
                  loras:
                    - path: a.safetensors
                      prompts: [anna laughs]
                    - path: b.safetensors
                      strength: 0.5
                      \(prompts)
                  generic_prompts: [a person laughs]
                  mode: calibrated
                  output: both.safetensors
                  \(model)
            """
        try text.write(toFile: folder.path + "/job.yaml", atomically: true, encoding: .utf8)
    }

    private func calibrate(_ more: String...) async throws -> LikenessProgram.Outcome {
        let small = ["--width", "64", "--height", "64", "--frames", "9", "--steps", "2"]
        return try await likeness.start(["lora", "calibrate", "job.yaml"] + small + more).wait()
    }

    @Test("a job is measured, and the merge of it finds that and predicts each one's error")
    func whole() async throws {
        try write()
        let early = try await likeness.run("lora", "merge", "job.yaml")
        #expect(early.status != 0)
        #expect(
            early.errors.contains(
                "calibrated: has no measured inputs, neither both.calibration.safetensors nor "
                    + "a.statistics.safetensors, b.statistics.safetensors is there; run likeness lora calibrate job.yaml"
            ),
            "\(early.errors)"
        )
        _ = try await likeness.run("tiny", "model")
        let measured = try await calibrate()
        #expect(measured.status == 0, "\(measured.errors)")
        #expect(
            measured.output.contains(
                "both.calibration.safetensors: 56 layers, 3 prompts of 2 steps"
            ),
            "\(measured.output)"
        )
        for arguments in [
            ["job.yaml"], ["a.safetensors", "b.safetensors:0.5", "--mode", "calibrated"],
        ] {
            let output = arguments.count == 1 ? [] : ["-o", "both.safetensors"]
            let merged = try await likeness.start(["lora", "merge"] + arguments + output).wait()
            #expect(merged.status == 0, "\(merged.errors)")
            #expect(merged.errors.contains("calibrated by both.calibration.safetensors"))
            #expect(merged.output.contains("predicted error  a.safetensors"))
            #expect(merged.output.contains("b.safetensors: predicted error on its own inputs"))
            #expect(merged.output.contains("A plain sum at strength "))
        }
    }

    @Test("what a job lacks is said before anything is read")
    func faults() async throws {
        try write(prompts: "prompts: []")
        let silent = try await calibrate()
        #expect(silent.status != 0)
        #expect(
            silent.errors.contains(
                "job.yaml, b.safetensors: has no prompts, should have some with its trigger; "
                    + "add prompts: [\"…\"] below its path"
            ),
            "\(silent.errors)"
        )
        try write(model: "")
        #expect(
            try await calibrate().errors.contains(
                "job.yaml: names no model, should name the one that the LoRAs are for; "
                    + "add model: {name_or_path: …} beside loras"
            )
        )
        try write()
        #expect(
            try await calibrate("-o", "none/x.safetensors").errors.contains(
                "none/x.safetensors: is in a folder that does not exist or is not yours, should be writable; make "
                    + "the folder, or name another"
            )
        )
        #expect(
            try await calibrate("--device", "cuda:9").errors.contains(
                "--device cuda:9: is not on this machine; use one of"
            )
        )
    }
}
