import Adapters
import ArgumentParser
import Foundation
import LTXModel
import LoRATools
import ModelHub
import RunConfig
import Sampling
import Torch
import Training
import TrainingRun

/// `lora calibrate`: sees what the layers read with each LoRA active, for `lora merge --mode calibrated`.
struct LoRACalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Measure what layers read with each LoRA active, for a calibrated merge.",
        discussion: """
            Takes a merge job with a model and with prompts for each LoRA, in which its trigger stands: the model \
            denoises them with that LoRA alone, at its strength, and sums of squares of what each layer reads are \
            kept, R × R per layer. Prompts that name no character (generic_prompts) hold the merge back elsewhere. \
            Nothing is decoded. The file is for these very LoRAs; likeness lora merge JOB finds it. A whole job:

            job: MergeJob
            config:
              name: both
              process:
                - type: merge
                  loras:
                    - path: anna.safetensors
                      prompts: ["anna laughs in a kitchen", "anna talks to the camera, a street at night"]
                    - path: ben.safetensors
                      prompts: ["ben laughs in a kitchen", "ben talks to the camera, a street at night"]
                  generic_prompts: ["a person laughs in a kitchen"]
                  mode: calibrated
                  output: both.safetensors
                  model:
                    name_or_path: ltx-2.3-22b-dev.safetensors
                    te_name_or_path: gemma-3-12b-it
            """
    )

    @Argument(help: "A merge job (job: MergeJob).", completion: .file(extensions: ["yaml"]))
    var job: String

    @Option(
        name: [.short, .long],
        help: "The file; without it OUTPUT.calibration.safetensors beside the job's output."
    )
    var output: String?

    @Option(help: "Denoising steps of each prompt.")
    var steps = 8

    @Option(help: "Width in pixels.")
    var width = 512

    @Option(help: "Height in pixels.")
    var height = 320

    @Option(help: "Pictures of each clip, 8k + 1.")
    var frames = 49

    @Option(help: "Start of the noise.")
    var seed = 0

    @Option(help: "auto, cpu, cuda, cuda:1.")
    var device = "auto"

    func run() async throws {
        try await reportingErrors {
            let text = try String(contentsOfFile: job, encoding: .utf8)
            let file = try MergeFile.parse(
                text: text,
                fileName: job,
                environment: ProcessInfo.processInfo.environment
            )
            for diagnostic in file.diagnostics { standardError.write("\(diagnostic)\n") }
            if output != nil, file.merges.count > 1 {
                throw ValidationError(
                    "--output \(output ?? ""): the job has \(file.merges.count) merges, each with a file of its "
                        + "own; leave --output out"
                )
            }
            for merge in file.merges { try await measure(merge) }
        }
    }

    private func measure(_ merge: MergeSection) async throws {
        let goal = output ?? Self.place(beside: merge)
        let work = try calibration(merge, on: Device(chosen: device))
        try check(merge, goal)
        let console = SampleReporter()
        let locator = ModelLocator()
        var files = try ModelFiles.locate(work.job.model, locator: locator)
        if !files.isComplete {
            files = try await files.fetched(locator) { console.show(.downloading($0)) }
        }
        let stop = StopRequest()
        let signals = SignalWatch(stop)
        defer { signals.cancel() }
        let seen = try await work.run(models: files, stop: stop) { console.show($0) }
        console.end()
        try seen.write(to: goal)
        show(
            "\(goal): \(seen.layerCount) layers, \(work.job.items.count) prompts of \(steps) steps"
        )
    }

    /// What stands in the way of measuring, before any weight is read.
    private func check(_ merge: MergeSection, _ goal: String) throws {
        if let file = merge.files.first(where: { $0.prompts.isEmpty }) {
            throw LoRAError(
                at: "\(job), \(file.path)",
                "has no prompts, should have some with its trigger",
                fix: "add prompts: [\"…\"] below its path"
            )
        }
        try LoRAOutput.checkFolder(of: goal)
    }

    /// The file for a job without one of its own.
    static func place(beside merge: MergeSection) -> String {
        merge.calibration ?? MergeRequest.calibrationPlace(for: merge.output)
    }

    /// The prompts as samples of which nothing is kept, each with its LoRA at the strength that the job gives it.
    private func calibration(_ merge: MergeSection, on device: Device) throws -> CalibrationRun {
        guard let model = merge.model else {
            throw LoRAError(
                at: job,
                "names no model, should name the one that the LoRAs are for",
                fix: "add model: {name_or_path: …} beside loras"
            )
        }
        var work = SampleJob(model: model, items: [], device: device)
        work.adapters = try merge.files.map {
            let strengths = try PathwayStrengths(parsing: $0.strength, at: $0.path)
            return AdapterChoice(path: $0.path, strengths: strengths)
        }
        var look = SampleRequest(prompt: "")
        (look.width, look.height, look.frameCount) = (width, height, frames)
        (look.steps, look.seed) = (steps, UInt64(max(0, seed)))
        let run = CalibrationRun(
            work,
            prompts: merge.files.map(\.prompts),
            generic: merge.genericPrompts,
            look: look,
            kroneckerRank: merge.kroneckerRank
        )
        if let fault = run.job.fault { throw ValidationError(fault) }
        return run
    }
}
