import Foundation
import Testing

/// `likeness plan` beside what the run then reports.
@Suite("likeness plan", .serialized) struct PlanCommandTests {
    private let folder: ScratchFolder
    private let likeness: LikenessProgram

    init() throws {
        folder = try ScratchFolder()
        likeness = LikenessProgram(folder: folder)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func total(_ parts: Any?) throws -> Double {
        try #require(parts as? [[String: Any]]).reduce(0) { $0 + ($1["bytes"] as? Double ?? 0) }
    }

    private func bytes(of name: String, in parts: Any?) throws -> Double {
        let part = try #require(parts as? [[String: Any]]).first { $0["name"] as? String == name }
        return try #require(part?["bytes"] as? Double)
    }

    @Test(
        "memory is told within a tenth of what the run then takes, whatever the run file asks for",
        arguments: [
            [], ["type: lora, linear: 4", "type: dora, linear: 16"],
            ["dtype: fp32\n", "dtype: bf16\n"],
            ["noise_scheduler: flowmatch", "gradient_checkpointing: false"],
            ["noise_scheduler: flowmatch", "optimizer: adamw8bit"],
            ["te_name_or_path", "quantize: nf4\n        te_name_or_path"],
            ["resolution: 64", "resolution: 128"],
        ] as [[String]]
    )
    func memory(change: [String]) async throws {
        try folder.copyClips("01", "04")
        _ = try await likeness.run("tiny", "model")
        var text = runFile(steps: 4)
        if change.count == 2 { text = text.replacingOccurrences(of: change[0], with: change[1]) }
        try folder.write(text, to: "job.yaml")

        let told = try await likeness.run("plan", "job.yaml", "--json")
        #expect(told.status == 0, "\(told.errors)")
        let plan = try object(told.output)
        let outcome = try await likeness.run("train", "job.yaml")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let metrics = try String(
            contentsOfFile: folder.path + "/out/small/metrics.jsonl",
            encoding: .utf8
        )
        let steps = try metrics.split(separator: "\n").filter { $0.contains("peak_bytes") }
            .map { try object(String($0)) }
        let last = try #require(steps.last)
        // What the system counts for a small process differs by a tenth from one run to the next.
        for (kind, key, share) in [("device", "peak_bytes", 0.1), ("host", "process_bytes", 0.15)] {
            let (said, taken) = (try total(plan[kind]), try #require(last[key] as? Double))
            #expect(abs(said - taken) < share * taken, "\(change) \(kind): \(said), \(taken)")
        }
        let caches = folder.bytes(in: "clips/_latent_cache", suffix: ".safetensors")
        let latents = try bytes(of: "cache of latents", in: plan["disk"])
        #expect(abs(latents - caches) < 0.1 * caches, "\(latents) \(caches)")
    }

    @Test("for people it is a table, and makes no folder")
    func table() async throws {
        try folder.copyClips("01", "04")
        _ = try await likeness.run("tiny", "model")
        let text = runFile(steps: 4).replacingOccurrences(
            of: "te_name_or_path",
            with: "layer_offloading: true\n        te_name_or_path"
        )
        try folder.write(text, to: "job.yaml")
        let told = try await likeness.run("plan", "job.yaml")
        #expect(told.status == 0, "\(told.errors)")
        for words in [
            "memory of cpu of ", ", 2 of 2 blocks in host memory: ", "  base model ",
            "  places for blocks from host memory ", "  activations ", "memory of the process: ",
            "  blocks in host memory ", "disk: ", "  cache of captions ", "time: ",
            " for 4 steps; measured",
        ] {
            #expect(told.output.contains(words), "\(words)\n\(told.output)")
        }
        #expect(!folder.exists("out"))
    }

    @Test("a model that is not here has no plan, and the way to it is said")
    func absent() async throws {
        try folder.copyClips("01")
        let text = runFile(steps: 4).replacingOccurrences(
            of: "model/ltx-2.3-tiny-dev.safetensors",
            with: "Lightricks/LTX-2.3"
        )
        try folder.write(text, to: "job.yaml")
        let told = try await likeness.run("plan", "job.yaml")
        #expect(told.status != 0)
        #expect(
            told.errors.contains(
                "Lightricks/LTX-2.3: is not on this machine, so its sizes are not known; likeness model fetch "
                    + "Lightricks/LTX-2.3 brings it"
            ),
            "\(told.errors)"
        )
    }
}
