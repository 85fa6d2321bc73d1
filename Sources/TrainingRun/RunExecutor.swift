import Adapters
import ClipCache
public import ClipData
import Foundation
import LTXModel
public import ModelHub
import RunConfig
import Safetensors
import Torch
public import Training

/// What happens before training, for whoever shows it.
public enum PreparationEvent: Sendable {
    /// A model file is being downloaded.
    case downloading(DownloadProgress)
    /// Prompts are encoded: number and how many there are.
    case encodingText(Int, of: Int)
    /// Clips are encoded: number, how many there are, name.
    case encodingClip(Int, of: Int, String)
    /// All clips are in the cache: how many have sound, how many not.
    case encoded(PreparationReport)
    /// The transformer is read from disk.
    case loadingModel(String)
    /// Adapters are attached.
    case attached(layers: Int, values: Int)
}

/// Runs a plan: texts, clips, transformer, training, one after another in the device's memory.
public final class RunExecutor {
    private var plan: RunPlan
    private let checkpoint: Checkpoint
    private let extras: Checkpoint
    private let stop: StopRequest
    /// Told of everything before training.
    public var onPreparation: (PreparationEvent) -> Void = { _ in }
    /// Told of everything while training.
    public var listeners: [any TrainingListener] = []

    /// An executor for a plan whose models are all on this machine.
    public init(_ plan: RunPlan, stop: StopRequest) throws {
        guard let checkpoint = try plan.models.openCheckpoint(),
            let extras = try plan.models.openExtras()
        else {
            throw ModelInputError(
                "\(plan.models.checkpoint.id): is not on this machine; download it first"
            )
        }
        self.plan = plan
        self.checkpoint = checkpoint
        self.extras = extras
        self.stop = stop
    }

    /// Encodes what is missing, then trains to the end or until a stop is asked for.
    ///
    /// All of it happens on a thread of its own, which listeners are called on too.
    public func run() async throws -> TrainingResult {
        try await onOwnThread { try self.runStages() }
    }

    /// Only fills the caches.
    public func prepare() async throws {
        try await onOwnThread {
            _ = try self.encodeTexts(PromptChoice(self.plan))
            _ = try self.encodeClips()
        }
    }

    private func runStages() throws -> TrainingResult {
        try plan.folder.make()
        try keepRunFile()
        let prompts = PromptChoice(plan)
        let contexts = try encodeTexts(prompts)
        let fingerprint = try encodeClips()
        let source = CachedBatches(
            plan.clips,
            fingerprint: fingerprint,
            prompts: prompts,
            contexts: contexts,
            batchSize: plan.file.train.batchSize,
            seed: plan.seed
        )
        return try train(source)
    }

    private func keepRunFile() throws {
        do {
            try plan.file.originalText.write(
                toFile: plan.folder.runFile,
                atomically: true,
                encoding: .utf8
            )
        } catch {
            throw RunStateError.unwritable(plan.folder.runFile, error.localizedDescription)
        }
    }

    // MARK: - Stages

    private func encodeTexts(_ prompts: PromptChoice) throws -> [String: TextContext] {
        guard let encoder = plan.models.textEncoder.path else {
            throw ModelInputError(
                "\(plan.models.textEncoder.id): is not on this machine; download it first"
            )
        }
        let home = plan.clips.datasets.first?.homeFolder ?? plan.folder.path
        let encoding = try TextEncoding(
            checkpoint: extras,
            encoderPath: encoder,
            cache: TextCache(besideClipsIn: home),
            dtype: plan.dtype,
            device: plan.device
        )
        return try encoding.contexts(
            of: prompts.all,
            isCancelled: { self.stop.isAsked },
            progress: { self.onPreparation(.encodingText($0, of: $1)) }
        )
    }

    /// Fills the latent cache; returns the fingerprint of the encoders behind it.
    private func encodeClips() throws -> String {
        let encoder = try LatentEncoder(extras, device: plan.device)
        let preparation = ClipPreparation(
            plan.clips,
            allowsFailedSound: plan.file.train.strictAudioMode == false
        )
        let report = try preparation.run(
            encoder: encoder,
            isCancelled: { self.stop.isAsked },
            progress: { self.onPreparation(.encodingClip($0, of: $1, $2)) }
        )
        onPreparation(.encoded(report))
        plan = try plan.heard(report.encodedSounds + report.cachedSounds)
        return encoder.fingerprint
    }

    private func train(_ source: CachedBatches) throws -> TrainingResult {
        try withTorchErrors { plan.device.releaseCachedMemory() }
        onPreparation(.loadingModel(checkpoint.path))
        let transformer = try checkpoint.transformer(dtype: plan.dtype, device: plan.device)
        let network = try makeNetwork(transformer)
        let optimizer = try withTorchErrors {
            AdamW(network.parameters, options: plan.optimizerOptions)
        }
        let noise = FlowMatching(
            options: plan.noiseOptions(audioChannels: transformer.config.audio.channels),
            device: plan.device,
            seed: plan.seed
        )
        let trainer = Trainer(
            transformer: transformer,
            network: network,
            optimizer: optimizer,
            source: source,
            noise: noise,
            options: plan.stepOptions,
            save: plan.saveOptions,
            folder: plan.folder,
            device: plan.device
        )
        trainer.measured = try source.measured(4)
        if let resumed = plan.resumed { try trainer.resume(from: resumed.path) }
        let metrics = try MetricsLog(
            path: plan.folder.metrics,
            keepingUpTo: plan.resumed?.step ?? 0
        )
        trainer.listeners = [metrics] + listeners
        return try trainer.run(steps: plan.file.train.steps, stop: stop)
    }

    private func makeNetwork(_ transformer: Transformer) throws -> AdapterNetwork {
        // The name is part of it: two characters with one training_seed must not share their A, or
        // merging them would mix them up.
        let purpose = StableHash(plan.file.name).value
        let random = try RandomGenerator(seed: plan.seed, step: 0, purpose: purpose)
        let network = try withTorchErrors {
            try AdapterNetwork(layers: transformer.blockLinears, rules: plan.rules) { layer in
                LowRankAdapter(
                    for: layer,
                    rank: plan.network.linear,
                    scale: plan.network.scale,
                    dropout: plan.dropout,
                    random: random,
                    device: plan.device
                )
            }
        }
        onPreparation(.attached(layers: network.members.count, values: network.parameterCount))
        return network
    }
}
