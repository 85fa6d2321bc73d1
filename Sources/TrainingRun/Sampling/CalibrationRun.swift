import Adapters
import LTXModel
public import LoRATools
public import Sampling
import Torch
public import Training

/// Sees what layers read with each LoRA of a merge active: denoises prompts that name its character.
public struct CalibrationRun {
    /// The model, the LoRAs with the strengths at which they are active, and a sample for each prompt.
    public let job: SampleJob
    /// Number of the LoRA that each sample is for; nil for prompts that name no character.
    private let actives: [Int?]
    private let kroneckerRank: Int?

    /// Joins prompts and LoRAs.
    ///
    /// - Parameters:
    ///   - job: a model and LoRAs; samples that it has are replaced.
    ///   - prompts: of each LoRA, in their order.
    ///   - generic: those that name no character.
    ///   - look: size, length, steps and seed of all samples.
    ///   - kroneckerRank: rank of LoKrs with a whole second factor, as in the merge.
    public init(
        _ job: SampleJob,
        prompts: [[String]],
        generic: [String] = [],
        look: SampleRequest,
        kroneckerRank: Int? = nil
    ) {
        let own = prompts.enumerated().flatMap { number, texts in
            texts.map { (text: $0, active: Optional(number)) }
        }
        let all = own + generic.map { ($0, nil) }
        actives = all.map(\.active)
        var job = job
        job.items = all.map { Self.item($0.text, look) }
        self.job = job
        self.kroneckerRank = kroneckerRank
    }

    /// Measures.
    ///
    /// - Parameters:
    ///   - models: the model's files, all on this machine.
    ///   - stop: ends it early.
    ///   - onEvent: told of everything, on the thread that computes.
    /// - Returns: what was seen, to be written.
    /// - Throws: `LoRAError` for LoRAs without a layer in common; `RunInterrupted`; what sampling throws.
    public func run(
        models: ModelFiles,
        stop: StopRequest,
        onEvent: @escaping (SampleEvent) -> Void = { _ in }
    ) async throws -> CalibrationCollector {
        let collector = try CalibrationCollector(
            files: job.adapters.map(\.path),
            kroneckerRank: kroneckerRank,
            device: job.device
        )
        let run = try SampleRun(job, models: models, stop: stop)
        run.onEvent = onEvent
        run.writesFiles = false
        run.onItem = { number, transformer, applied in
            let active = actives[number]
            applied?.strengths = job.adapters.enumerated().map {
                $0 == active ? $1.strengths : PathwayStrengths(0)
            }
            collector.watch(transformer.linears, adapter: active)
        }
        _ = try await run.run()
        return collector
    }

    /// One pass a step: what guidance compares with is not what the character is made of.
    private static func item(_ text: String, _ look: SampleRequest) -> SampleJob.Item {
        var request = look
        request.prompt = text
        request.guidance.video = 1
        request.guidance.audio = 1
        request.guidance.perturbation = 0
        request.guidance.modality = 1
        return SampleJob.Item(request, to: SampleTarget(path: "calibration.mp4"))
    }
}
