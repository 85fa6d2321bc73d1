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
            denoises some of them with that LoRA alone, and sums of squares of what each layer reads are kept, \
            R × R per layer. Prompts that name no character (generic_prompts) hold the merge back elsewhere. \
            Nothing is decoded. The file is for these very LoRAs.
            """
    )

    @Argument(help: "A merge job (job: MergeJob).", completion: .file(extensions: ["yaml"]))
    var job: String

    @Option(name: [.short, .long], help: "The file; without it, beside the job's output.")
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
            for merge in file.merges { try await measure(merge) }
        }
    }

    private func measure(_ merge: MergeSection) async throws {
        guard let model = merge.model else {
            throw LoRAError(
                at: job,
                "names no model, should have model: name_or_path",
                fix: "add it"
            )
        }
        if let file = merge.files.first(where: { $0.prompts.isEmpty }) {
            throw LoRAError(
                at: file.path,
                "has no prompts, should have some with its trigger",
                fix: "add prompts: below its path"
            )
        }
        let place = device == "auto" ? Device.available.first ?? .cpu : Device(device)
        let goal = output ?? Self.place(beside: merge)
        let collector = try CalibrationCollector(
            files: merge.files.map(\.path),
            kroneckerRank: merge.kroneckerRank,
            device: place
        )
        try await run(merge, model, on: place, into: collector)
        try collector.write(to: goal)
        show("\(goal): \(collector.layerCount) layers, \(prompts(of: merge).count) prompts")
    }

    /// The file for a job without one of its own.
    static func place(beside merge: MergeSection) -> String {
        merge.calibration
            ?? (merge.output as NSString).deletingPathExtension + ".calibration.safetensors"
    }

    /// Prompts with the number of the LoRA that is active; nil is none.
    private func prompts(of merge: MergeSection) -> [(text: String, adapter: Int?)] {
        merge.files.enumerated().flatMap { number, file in file.prompts.map { ($0, number) } }
            + merge.genericPrompts.map { ($0, nil) }
    }

    private func run(
        _ merge: MergeSection,
        _ model: ModelSection,
        on device: Device,
        into collector: CalibrationCollector
    ) async throws {
        let prompts = prompts(of: merge)
        var job = SampleJob(model: model, items: prompts.map { item($0.text) }, device: device)
        job.adapters = merge.files.map { AdapterChoice(path: $0.path) }
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
            applied?.strengths = merge.files.indices.map { PathwayStrengths($0 == active ? 1 : 0) }
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
