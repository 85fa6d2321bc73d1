public import Adapters
public import ClipData
import Foundation
public import LTXModel
public import RunConfig
public import Torch
public import Training

/// Everything a run will do, resolved before the first weight is read.
public struct RunPlan {
    /// The run file, typed.
    public let file: RunFile
    /// Warnings and notes of the run file and of the checks below, in reading order.
    public let diagnostics: [Diagnostic]
    /// Where results go.
    public let folder: RunFolder
    /// Where the model runs.
    public let device: Device
    /// Element type of weights and activations.
    public let dtype: DType
    /// The model files, as far as they are on this machine.
    public let models: ModelFiles
    /// Version of the model; nil if it is not on this machine yet and the run file does not say.
    public let version: ModelVersion?
    /// Sizes of the transformer; nil if it is not on this machine yet.
    public let transformer: TransformerConfiguration?
    /// Number of the transformer's weights.
    public let parameterCount: Int
    /// What will be trained on.
    public let clips: ClipPlan
    /// Windows whose sound is in the cache; nil before they were decoded.
    public var heardWindows: Int?
    /// Which layers get adapters.
    public var rules: AdapterRules
    /// Seed of everything random.
    public let seed: UInt64
    /// Step and folder of the saved state that the run goes on from.
    public let resumed: (step: Int, path: String)?

    /// Whether any clip of the run has sound that is learned from.
    public var hasSound: Bool { (heardWindows ?? clips.totals.clipsWithSound) > 0 }

    /// The plan after all clips were decoded: a silent track is known only then.
    ///
    /// - Throws: `ModelInputError` if the run file asks for sound and every track is silent.
    func heard(_ windows: Int) throws -> RunPlan {
        var plan = self
        plan.heardWindows = windows
        plan.rules.includesAudio = windows > 0
        let asks = file.datasets.indices.contains {
            file.gives("datasets[\($0)].do_audio") && file.datasets[$0].doAudio
        }
        guard windows == 0, hasSound, asks else { return plan }
        throw ModelInputError(
            "datasets: do_audio is true, but every sound track is silent or cannot be decoded; "
                + "use clips with sound, or write do_audio: false to train the face alone"
        )
    }

    /// The `network` section; the plan refuses run files without one.
    public var network: NetworkSection { file.network ?? NetworkSection() }
}

extension RunPlan {
    /// Options of the steps.
    var stepOptions: StepOptions {
        let train = file.train
        var options = StepOptions()
        options.accumulation = train.gradientAccumulation
        options.rate = train.lr
        options.schedule = schedule
        options.maxGradientNorm = train.maxGradNorm
        options.balance =
            train.audioBalance == .lossAverage ? .runningMeans : .fixed(train.audioLossMultiplier)
        options.checkpointing = train.gradientCheckpointing
        options.seed = seed
        return options
    }

    private var schedule: Training.LearningRateSchedule {
        let course = file.train.schedule
        switch file.train.lrScheduler {
        case .constantWithWarmup: return .warmup(steps: course.warmupSteps)
        case .linear:
            return .ramp(from: course.startFactor, to: course.endFactor, steps: course.totalSteps)
        case .cosine:
            return .cosine(
                steps: course.totalSteps,
                minimum: course.minimumLR / max(file.train.lr, 1e-30)
            )
        default: return .constant
        }
    }

    /// How noise is drawn.
    func noiseOptions(audioChannels: Int) -> FlowMatching.Options {
        var options = FlowMatching.Options()
        options.sigmas = sigmas
        options.audioSigmas = file.train.independentAudioTimestep ? UniformSigmas() : nil
        options.noiseOffset = file.train.noiseOffset
        options.hasSound = hasSound
        options.audioChannels = audioChannels
        return options
    }

    private var sigmas: any SigmaDistribution {
        switch file.train.timestepType {
        case .linear: LinearSigmas()
        case .weighted: WeightedSigmas()
        default: SigmoidSigmas()
        }
    }

    /// Parameters of AdamW under the run file's names.
    var optimizerOptions: AdamW.Options {
        let given = file.train.optimizerParams
        var options = AdamW.Options()
        if let decay = given["weight_decay"]?.double { options.decay = decay }
        if let epsilon = given["eps"]?.double { options.epsilon = epsilon }
        if case .list(let betas)? = given["betas"], betas.count == 2 {
            options.beta1 = betas[0].double ?? options.beta1
            options.beta2 = betas[1].double ?? options.beta2
        }
        return options
    }

    /// What adapters leave out while training.
    var dropout: AdapterDropout {
        AdapterDropout(
            rank: network.rankDropout,
            module: network.moduleDropout,
            element: network.dropout
        )
    }

    /// What is saved, and when.
    var saveOptions: SaveOptions {
        var options = SaveOptions()
        options.every = file.save.saveEvery
        options.kept = file.save.maxStepSavesToKeep
        options.dtype = DType(file.save.dtype)
        options.metadata = metadata
        return options
    }

    private var metadata: [String: String] {
        var entries: [String: String] = [
            "format": "pt",
            "name": file.name,
            "ss_output_name": file.name,
            "ss_base_model_version": version?.rawValue ?? "ltx2",
            "arch": version?.rawValue ?? "ltx2",
            "software": #"{"name": "likeness", "version": "\#(Likeness.version)"}"#,
            "trigger_word": file.triggerWord ?? "",
            "rank": String(network.linear),
            "seed": String(seed),
            "config_sha256": Digest.sha256(file.originalText),
            "clips": String(clips.totals.clips),
            "windows_with_sound": String(heardWindows ?? 0),
        ]
        for (key, value) in file.meta where entries[key] == nil {
            entries[key] = value.text ?? "\(value)"
        }
        return entries
    }
}

/// The program itself.
public enum Likeness {
    /// Its version.
    public static let version = "0.1.0"
}

extension DType {
    init(_ type: SaveDType) {
        switch type {
        case .bf16: self = .bfloat16
        case .fp16: self = .float16
        case .fp32: self = .float32
        }
    }

    init(_ type: ComputeDType) {
        switch type {
        case .bf16: self = .bfloat16
        case .fp16: self = .float16
        case .fp32: self = .float32
        }
    }
}
