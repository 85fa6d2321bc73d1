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
        let place = try Device(chosen: device)
        let goal = output ?? Self.place(beside: merge)
        let work = try sampling(merge, on: place)
        try check(merge, goal)
        let collector = try CalibrationCollector(
            files: merge.files.map(\.path),
            kroneckerRank: merge.kroneckerRank,
            device: place
        )
        try await run(merge, work, into: collector)
        try collector.write(to: goal)
        show(
            "\(goal): \(collector.layerCount) layers, \(work.items.count) prompts of \(steps) steps"
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
        let folder = (goal as NSString).deletingLastPathComponent
        guard FileManager.default.isWritableFile(atPath: folder.isEmpty ? "." : folder) else {
            throw LoRAError(
                at: goal,
                "lies in a folder that is not there or cannot be written to",
                fix: "make the folder, or give another place with --output"
            )
        }
    }

    /// The file for a job without one of its own.
    static func place(beside merge: MergeSection) -> String {
        merge.calibration ?? MergeRequest.calibrationPlace(for: merge.output)
    }

    /// Prompts with the number of the LoRA that is active; nil is none.
    private func prompts(of merge: MergeSection) -> [(text: String, adapter: Int?)] {
        merge.files.enumerated().flatMap { number, file in file.prompts.map { ($0, number) } }
            + merge.genericPrompts.map { ($0, nil) }
    }

    /// The prompts as samples of which nothing is kept.
    private func sampling(_ merge: MergeSection, on device: Device) throws -> SampleJob {
        guard let model = merge.model else {
            throw LoRAError(
                at: job,
                "names no model, should name the one that the LoRAs are for",
                fix: "add model: {name_or_path: …} beside loras"
            )
        }
        let items = prompts(of: merge).map { item($0.text) }
        var work = SampleJob(model: model, items: items, device: device)
        work.adapters = try merge.files.map {
            let strengths = try PathwayStrengths(parsing: $0.strength, at: $0.path)
            return AdapterChoice(path: $0.path, strengths: strengths)
        }
        if let fault = work.fault { throw ValidationError(fault) }
        return work
    }

    /// Each prompt with its LoRA alone, at the strength that it has in the job.
    private func run(
        _ merge: MergeSection,
        _ job: SampleJob,
        into collector: CalibrationCollector
    ) async throws {
        let prompts = prompts(of: merge)
        let locator = ModelLocator()
        let console = SampleReporter()
        var files = try ModelFiles.locate(job.model, locator: locator)
        if !files.isComplete {
            files = try await files.fetched(locator) { console.show(.downloading($0)) }
        }
        let stop = StopRequest()
        let signals = SignalWatch(stop)
        defer { signals.cancel() }
        let run = try SampleRun(job, models: files, stop: stop)
        run.onEvent = { console.show($0) }
        run.writesFiles = false
        run.onItem = { number, transformer, applied in
            let active = prompts[number].adapter
            applied?.strengths = job.adapters.enumerated().map {
                $0 == active ? $1.strengths : PathwayStrengths(0)
            }
            collector.watch(transformer.linears, adapter: active)
        }
        _ = try await run.run()
        console.end()
    }

    /// One pass a step: what guidance compares with is not what the character is made of.
    private func item(_ text: String) -> SampleJob.Item {
        var request = SampleRequest(prompt: text)
        (request.width, request.height, request.frameCount) = (width, height, frames)
        (request.steps, request.seed) = (steps, UInt64(max(0, seed)))
        request.guidance.video = 1
        request.guidance.audio = 1
        request.guidance.perturbation = 0
        request.guidance.modality = 1
        return SampleJob.Item(request, to: SampleTarget(path: "calibration.mp4"))
    }
}
