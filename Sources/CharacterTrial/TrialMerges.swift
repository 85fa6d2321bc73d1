import Adapters
import LoRATools
import Sampling
import Torch
import Training
import TrainingRun

/// The two adapters, and what ways to merge make of them.
struct TrialMerges {
    /// A way, and the file that came of it.
    struct Way {
        let name: String
        let path: String
    }

    private let stage: TrialStage

    init(_ stage: TrialStage) { self.stage = stage }

    /// Each adapter alone, then all merges.
    func make() async throws -> [Way] {
        let alone = TrialCharacter.both.map {
            Way(name: "\($0.trigger) alone", path: stage.adapter($0))
        }
        let measured = try await calibration()
        let merges: [(String, (inout MergeRequest) throws -> Void)] = [
            (
                CharacterScores.picked,
                { try $0.modes.set(parsing: "face=pick:1,voice=pick:2", at: "trial") }
            ),
            ("sum", { _ in }),
            ("isolate 0.9", { $0.modes = MergeModes(MergeMode(.isolate)) }),
            (
                "calibrated",
                { ($0.modes, $0.calibration) = (MergeModes(MergeMode(.calibrated)), measured) }
            ),
            ("saved statistics", { $0.modes = MergeModes(MergeMode(.calibrated)) }),
        ]
        var ways = alone
        for (name, change) in merges {
            let file = name.filter { $0.isLetter || $0.isNumber }
            var request = MergeRequest(
                TrialCharacter.both.map { AdapterChoice(path: stage.adapter($0)) },
                to: "\(stage.folder)/merged-\(file).safetensors"
            )
            try change(&request)
            _ = request.findMeasuredInputs()
            _ = try await MergeRun(request).run()
            ways.append(Way(name: name, path: request.output))
        }
        return ways
    }

    /// As `likeness lora calibrate` does.
    private func calibration() async throws -> String {
        var job = SampleJob(model: stage.model, items: [], device: .cpu)
        job.adapters = TrialCharacter.both.map { AdapterChoice(path: stage.adapter($0)) }
        let run = CalibrationRun(
            job,
            prompts: TrialCharacter.both.map { [$0.caption] },
            generic: [CharacterTrial.neutral],
            look: TrialSampler.request("", seed: 1_000_000, steps: 8)
        )
        let place = stage.folder + "/measured.safetensors"
        try await run.run(models: try stage.models(), stop: StopRequest()).write(to: place)
        return place
    }
}
