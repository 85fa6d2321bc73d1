import Adapters
import ClipData
import Foundation
import LTXModel
import RunConfig
import Torch
import Training

extension RunPlan {
    /// Options of the steps.
    var stepOptions: StepOptions {
        let train = file.train
        var options = StepOptions()
        options.accumulation = train.gradientAccumulation
        options.rate = train.lr
        options.audioRate = train.audioLR
        options.schedule = schedule
        options.maxGradientNorm = train.maxGradNorm
        options.loss = lossFunction
        options.videoFactor = train.videoLossMultiplier
        options.balance = balance
        options.maxLoss = train.maxLoss
        options.strictAudio = strictAudio
        options.checkpointing =
            train.gradientCheckpointing.interval > 0
            ? .every(train.gradientCheckpointing.interval) : .none
        options.checkpointing.keepsResults = file.model.compile
        options.gradientUse = gradientUse
        options.seed = seed
        return options
    }

    private var lossFunction: LossFunction {
        let guidance = file.train.doDifferentialGuidance ? file.train.differentialGuidanceScale : 1
        switch file.train.lossType {
        case .mae: return LossFunction(.mae, guidance: guidance)
        case .pseudoHuber: return LossFunction(.pseudoHuber(c: 0.01), guidance: guidance)
        default: return LossFunction(.mse, guidance: guidance)
        }
    }

    private var balance: LossBalance {
        switch file.train.audioBalance {
        case .fixed: .fixed(file.train.audioLossMultiplier)
        case .lossAverage: .runningMeans
        case .gradientNorm: .gradientNorms(every: 10)
        }
    }

    /// The rules of strict audio mode, if it is on.
    var strictAudio: StrictAudio? {
        guard file.train.strictAudioMode == true else { return nil }
        return StrictAudio(
            minimumRatio: file.train.strictAudioMinSupervisedRatio,
            warmupSteps: file.train.strictAudioWarmupSteps
        )
    }

    /// How noise is drawn.
    func noiseOptions(audioChannels: Int) -> FlowMatching.Options {
        let choice = SigmaChoice(file.train)
        var options = FlowMatching.Options()
        options.sigmas = choice.video
        options.regularisationSigmas = choice.regularisation
        options.audioSigmas = choice.audio
        options.noiseOffset = file.train.noiseOffset
        options.dynamicNoiseOffset = file.train.dynamicNoiseOffset
        options.noiseMultiplier = file.train.noiseMultiplier
        options.hasSound = hasSound
        options.audioChannels = audioChannels
        return options
    }

    /// How the transformer's layers are kept; nil keeps them in `dtype`.
    var quantization: QuantizationRules? { file.model.transformerRules }

    /// How the text encoder's layers are kept; nil keeps them in `dtype`.
    var encoderQuantization: QuantizationRules? { file.model.encoderRules }

    /// What adapters leave out while training.
    var dropout: AdapterDropout {
        AdapterDropout(
            rank: network.rankDropout,
            module: network.moduleDropout,
            element: network.dropout
        )
    }

    /// Further passes that keep what the base model does under other prompts.
    var promptPreservation: PromptPreservation? {
        let train = file.train
        if train.diffOutputPreservation {
            return PromptPreservation(multiplier: train.diffOutputPreservationMultiplier)
        }
        return train.blankPromptPreservation
            ? PromptPreservation(multiplier: train.blankPromptPreservationMultiplier) : nil
    }

    /// Which adapter a layer gets.
    var recipe: AdapterRecipe {
        var recipe = AdapterRecipe()
        recipe.kind = AdapterKind(network.type)
        recipe.rank = network.linear
        recipe.audioRank = network.audioLinear
        recipe.ranks = network.ranks
        recipe.scale = network.scale
        recipe.dropout = dropout
        recipe.kroneckerFactor = network.lokrFactor
        recipe.kroneckerIsFull = network.lokrFullRank
        recipe.fullIfContains = network.fullIfContains ?? []
        return recipe
    }

    /// What is saved, and when.
    var saveOptions: SaveOptions {
        var options = SaveOptions()
        options.every = file.save.saveEvery
        options.kept = file.save.maxStepSavesToKeep
        options.dtype = DType(file.save.dtype)
        options.splits = file.save.split
        options.metadata = metadata
        options.names = (version ?? .ltx23).adapterNames
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
            "seed": String(seed),
            "config_sha256": Digest.sha256(file.originalText),
            "clips": String(clips.totals.clips),
            "windows_with_sound": String(heardWindows ?? 0),
        ]
        if let network = file.network {
            entries["adapter"] = network.type.rawValue
            entries["rank"] = String(network.linear)
        }
        for (key, value) in file.meta where entries[key] == nil {
            entries[key] = value.text ?? "\(value)"
        }
        return entries
    }
}

extension AdapterKind {
    init(_ type: NetworkType) {
        switch type {
        case .lora: self = .lora
        case .dora: self = .dora
        case .lokr: self = .lokr
        case .loha: self = .loha
        case .fullrank: self = .fullrank
        }
    }
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
