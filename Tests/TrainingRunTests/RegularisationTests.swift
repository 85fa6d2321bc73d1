import ClipData
import Foundation
import RunConfig
import Testing
import Training
import TrainingRun

/// Sets and prompts that keep what the base model knows.
@Suite("Regularisation", .serialized) struct RegularisationTests {
    /// A scene with two clips of the character and two of somebody else in `others`.
    private func scene() throws -> RunScene {
        let scene = try RunScene()
        try scene.addClips(4)
        let manager = FileManager.default
        try manager.createDirectory(
            atPath: scene.folder + "/others",
            withIntermediateDirectories: true
        )
        for name in ["03-forest", "04-night"] {
            for ending in ["mp4", "txt"] {
                try manager.moveItem(
                    atPath: "\(scene.folder)/clips/\(name).\(ending)",
                    toPath: "\(scene.folder)/others/\(name).\(ending)"
                )
            }
        }
        return scene
    }

    private func file(_ scene: RunScene, _ steps: Int, train: [String], set: String) throws
        -> RunFile
    {
        var file = try scene.runFile(steps, train: train)
        var others = file.process.datasets[0]
        others.folderPath = scene.folder + "/others"
        others.triggerWord = nil
        others.isReg = set.contains("reg")
        others.priorReg = set.contains("prior")
        others.networkWeight = set.contains("weak") ? 0.5 : 1
        file.process.datasets.append(others)
        return file
    }

    private func clips(_ scene: RunScene) throws -> [[String]] {
        let text = try String(
            contentsOfFile: scene.folder + "/out/run/metrics.jsonl",
            encoding: .utf8
        )
        return try text.split(separator: "\n").compactMap { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["loss"] == nil ? nil : object?["clips"] as? [String]
        }
    }

    @Test(
        "every second batch comes from the regularisation set, also within a step and after a stop"
    )
    func turns() async throws {
        let others: Set = ["03-forest.mp4", "04-night.mp4"]
        let single = try scene()
        try await single.train(file(single, 3, train: ["reg_weight: 0.5"], set: "reg"))
        try await single.train(
            file(single, 6, train: ["reg_weight: 0.5"], set: "reg"),
            resume: .latest
        )
        let turns = try clips(single).map { !others.isDisjoint(with: $0) }
        #expect(turns == [false, true, false, true, false, true])
        let double = try scene()
        try await double.train(file(double, 3, train: ["gradient_accumulation: 2"], set: "reg"))
        #expect(try clips(double).allSatisfy { others.contains($0[1]) && !others.contains($0[0]) })
    }

    @Test("prior_reg and network_weight of a set train along with the rest")
    func priorAndWeight() async throws {
        let scene = try scene()
        let file = try file(scene, 6, train: [], set: "reg prior weak")
        let result = try await scene.train(file)
        #expect(result.step == 6)
        // After one step the adapter still answers nearly as the base model does.
        #expect(try scene.losses()[1][0] < 0.1 * scene.losses()[0][0])
    }

    @Test("a run of regularisation sets alone is refused before it begins")
    func alone() async throws {
        let scene = try scene()
        var file = try scene.runFile(2)
        file.process.datasets[0].isReg = true
        let error = await #expect(throws: ConfigError.self) { try await RunPlanner(file).plan() }
        #expect(
            error?.errors.map(\.message) == [
                "are all regularisation sets, should show the character in one at least; remove is_reg from it"
            ]
        )
    }

    @Test(
        "the class or the empty prompt is preserved in every step with a character, in batches of two",
        arguments: [
            ["diff_output_preservation: true", "diff_output_preservation_class: person"],
            ["blank_prompt_preservation: true"],
        ]
    )
    func prompts(keys: [String]) async throws {
        let scene = try RunScene()
        try scene.addClips(3)
        try await scene.train(scene.runFile(4, train: keys + ["batch_size: 2"]))
        let text = try String(
            contentsOfFile: scene.folder + "/out/run/metrics.jsonl",
            encoding: .utf8
        )
        let preserved = try text.split(separator: "\n").compactMap { line -> Double? in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return (object?["preservation"] as? [String: Double])?["prompt"]
        }
        #expect(preserved.count == 4)
        #expect(preserved[0] == 0 && preserved[3] > 0)
    }

    @Test("each loss and differential guidance train", arguments: ["mae", "pseudo_huber", "mse"])
    func losses(type: String) async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        let train = ["loss_type: \(type)", "do_differential_guidance: true", "max_loss: 100"]
        let result = try await scene.train(scene.runFile(30, train: train))
        let (before, after) = try (#require(result.before), #require(result.after))
        #expect(after.video < before.video)
    }

    @Test("every timestep_type trains", arguments: TimestepType.allCases)
    func timesteps(type: TimestepType) async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let result = try await scene.train(
            scene.runFile(3, train: ["timestep_type: \(type.rawValue)"])
        )
        #expect(result.step == 3)
    }
}
