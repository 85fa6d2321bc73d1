import Adapters
import LTXModel
import RunConfig
import Safetensors
import Torch
import Training

/// Runs without a `network` section: the transformer's own weights are trained.
extension RunPlan {
    /// Whether the transformer itself is trained.
    public var trainsWeights: Bool { file.network == nil }

    /// Which of its weights are.
    var weightRules: WeightRules {
        var rules = WeightRules(file.model)
        rules.includesAudio = self.rules.includesAudio
        rules.includesVideo = file.train.videoLossMultiplier > 0
        return rules
    }

    /// Whether the matrix of a layer of the transformer is trained itself.
    public func trainsWeight(_ path: String) -> Bool {
        trainsWeights && weightRules.accept(path + ".weight", storedName: path + ".weight")
    }

    /// Whether the optimizer steps each block on its own, and if not, why.
    var reasonToCollect: String? {
        guard trainsWeights else { return nil }
        let train = file.train
        if train.gradientAccumulation > 1 { return "gradient_accumulation is above 1" }
        if train.audioBalance == .gradientNorm { return "audio_balance is gradient_norm" }
        if train.emaConfig.useEMA { return "ema_config keeps a mean of the weights" }
        return train.optimizer.stepsApart
            ? nil : "\(train.optimizer.rawValue) needs all gradients in one step"
    }

    /// Whether the optimizer can be given parameters in several calls within a step.
    var stepsApart: Bool { file.train.optimizer.stepsApart && !file.train.emaConfig.useEMA }

    /// What happens with the gradients of a block.
    var gradientUse: GradientUse {
        trainsWeights && reasonToCollect == nil ? .blockwise : .collected
    }

    /// Sizes of what is trained, from headers alone.
    func weightSizes(_ checkpoint: Checkpoint) throws -> WeightSizes {
        try WeightSizes(checkpoint, weightRules)
    }
}

/// How much of a transformer is trained, told from headers alone.
public struct WeightSizes: Sendable, Equatable {
    /// Number of trained weights.
    public private(set) var weights = 0
    /// Values of all trained weights.
    public private(set) var values = 0
    /// Values of all weights.
    public private(set) var allValues = 0
    /// Trained values of the largest block, or of what lies around the blocks.
    public private(set) var largestSegment = 0

    init(_ checkpoint: Checkpoint, _ rules: WeightRules) throws {
        let source = try checkpoint.weights(.transformer)
        var segments: [Substring: Int] = [:]
        for name in source.names {
            let count = source.info(name)?.elementCount ?? 0
            allValues += count
            guard rules.accept(name, storedName: source.storedName(of: name) ?? name) else {
                continue
            }
            weights += 1
            values += count
            let parts = name.split(separator: ".", maxSplits: 2)
            let isInBlock = parts.first == "transformer_blocks" && parts.count > 1
            segments[isInBlock ? parts[1] : "around", default: 0] += count
        }
        largestSegment = segments.values.max() ?? 0
        guard weights > 0 else { throw NoWeightsError(rules) }
    }
}

extension WeightRules {
    init(_ model: ModelSection) {
        self.init()
        ignoreIfContains = model.ignoreIfContains ?? []
        onlyIfContains = model.onlyIfContains
    }
}

extension OptimizerKind {
    /// As the optimizer says itself once it is made.
    var stepsApart: Bool {
        switch self {
        case .adam, .adamw, .adam8, .adamw8, .adam8bit, .adamw8bit, .ademamix8bit, .lion, .lion8bit,
            .adagrad, .adafactor:
            true
        case .adamwScheduleFree, .prodigy, .prodigy8bit, .dadaptation, .dadaptationlion, .automagic,
            .automagic2, .automagic3:
            false
        }
    }
}
