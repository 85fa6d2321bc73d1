import Adapters
import ClipCache
public import ClipData
import Foundation
import LTXModel
public import ModelHub
import RunConfig
import RunFiles
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
    /// All held-out clips are in the cache.
    case encodedHeldOut(PreparationReport)
    /// The transformer is read from disk.
    case loadingModel(String)
    /// Sounds of the base model are made, for voice preservation: number and how many there are.
    case preservingSound(Int, of: Int)
    /// Adapters are attached.
    case attached(layers: Int, values: Int)
    /// Weights of the transformer itself will be trained.
    case unfrozen(weights: Int, values: Int)
    /// Adapters begin with a file: layers that it filled, and those that it has nothing for.
    case begun(file: String, layers: Int, fresh: [String])
}

/// Runs a plan: texts, clips, transformer, training, one after another in the device's memory.
public final class RunExecutor {
    var plan: RunPlan
    let checkpoint: Checkpoint
    let extras: Checkpoint
    let stop: StopRequest
    /// Told of everything before training.
    public var onPreparation: (PreparationEvent) -> Void = { _ in }
    /// Told of everything while training.
    public var listeners: [any TrainingListener] = []

    /// An executor for a plan whose models are all on this machine.
    public init(_ plan: RunPlan, stop: StopRequest) throws {
        (checkpoint, extras) = try plan.models.open()
        self.plan = plan
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
            _ = try self.encodeClips()
            _ = try self.encodeTexts(self.plan.prompts)
        }
    }

    private func runStages() throws -> TrainingResult {
        let lock = try RunLock(plan.folder)
        defer { withExtendedLifetime(lock) {} }
        try keepRunFile()
        // Only after decoding is it known whether a track is silent, and so what else is to be said.
        let encoded = try encodeClips()
        let prompts = plan.prompts
        let texts = try encodeTexts(prompts)
        let trainer = try makeTrainer(encoded, prompts: prompts, texts: texts)
        return try trainer.run(steps: plan.file.train.steps, stop: stop)
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

    // MARK: - Texts

    private func encodeTexts(_ prompts: RunPrompts) throws -> EncodedTexts {
        let encoder = try plan.models.textEncoder.presentPath
        let home = plan.clips.datasets.first?.homeFolder ?? plan.folder.path
        let encoding = try TextEncoding(
            checkpoint: extras,
            encoderPath: encoder,
            cache: TextCache(besideClipsIn: home),
            dtype: plan.dtype,
            device: plan.device,
            model: plan.file.model
        )
        let contexts = try encoding.contexts(
            of: prompts.all,
            isCancelled: { self.stop.isAsked },
            progress: { self.onPreparation(.encodingText($0, of: $1)) }
        )
        let trains = plan.file.train.trainTextEncoder
        return EncodedTexts(
            contexts: contexts,
            features: trains ? try encoding.features(of: prompts.all) : [:]
        )
    }

    // MARK: - Clips

    /// What the encoders left behind.
    struct Encoded {
        /// Tells their weights apart.
        let fingerprint: String
        /// Silence, through the audio VAE, as long as voice preservation needs it.
        let silence: FloatBuffer?
        /// What previews begin with and are compared with; nil without previews.
        let previews: RunPreviews.Material?
    }

    /// Fills the latent cache.
    private func encodeClips() throws -> Encoded {
        let encoder = try LatentEncoder(extras, device: plan.device)
        let report = try encode(plan.clips, encoder)
        onPreparation(.encoded(report))
        if let heldOut = plan.heldOut {
            onPreparation(.encodedHeldOut(try encode(heldOut, encoder)))
        }
        plan = try plan.heard(
            report.encodedSounds + report.cachedSounds,
            unheard: report.unheard.count
        )
        try checkSupervision(report)
        return Encoded(
            fingerprint: encoder.fingerprint,
            silence: try plan.preservedSounds.map { try encoder.silence(latentCount: $0.length) },
            previews: try previewMaterial()
        )
    }

    private func encode(_ clips: ClipPlan, _ encoder: LatentEncoder) throws -> PreparationReport {
        let preparation = ClipPreparation(
            clips,
            allowsFailedSound: plan.file.train.strictAudioMode == false
        )
        return try preparation.run(
            encoder: encoder,
            isCancelled: { self.stop.isAsked },
            progress: { self.onPreparation(.encodingClip($0, of: $1, $2)) }
        )
    }

    /// Strict audio mode need not wait for its warm-up where the caches already tell.
    private func checkSupervision(_ report: PreparationReport) throws {
        guard let rules = plan.strictAudio else { return }
        var found = AudioSupervision()
        for clip in report.unheard { found.count(clip, isHeard: false) }
        for _ in 0..<(report.encodedSounds + report.cachedSounds) {
            found.count("", isHeard: true)
        }
        try rules.check(found, after: .max)
    }
}
