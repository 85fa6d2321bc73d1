import Adapters
import ClipCache
import ClipData
import LTXModel
import RunConfig
import Torch
import Training

// Axes: T tokens of a stream, D width of a stream.

/// Bytes that training will take, from sizes alone; an estimate that errs on the high side.
struct MemoryEstimate {
    let weights: Int
    /// What is trained beside the model, gradients, and what the optimizer remembers.
    let trained: Int
    let activations: Int
    private let trainsWeights: Bool

    var total: Int { weights + trained + activations }

    var parts: String {
        "\(weights.inBytes) \(trainsWeights ? "model" : "base model"), "
            + "\(trained.inBytes) \(trainsWeights ? "gradients" : "adapters") and optimizer, "
            + "\(activations.inBytes) activations"
    }

    init(_ plan: RunPlan, _ config: TransformerConfiguration) {
        weights = plan.weightBytes
        trainsWeights = plan.trainsWeights
        trained = trainsWeights ? Self.ofWeights(plan) : Self.ofAdapters(plan, config)
        let width = plan.dtype.byteWidth
        let (video, audio) = plan.longestTokens
        let streams = (video * config.video.width + audio * config.audio.width) * width
        let batch = plan.file.train.batchSize
        // Inputs of all blocks stay; one block's record holds about 34 tensors of a stream's size, and
        // with DoRA what its layers gave before the magnitude.
        let recorded = !trainsWeights && plan.recipe.kind == .dora ? 51 : 34
        let kept = 1 - plan.file.train.gradientCheckpointing.share
        let recordedBlocks = max(1, Int((kept * Double(config.blockCount)).rounded(.up)))
        activations = batch * streams * (config.blockCount + recorded * recordedBlocks)
    }

    /// Weight and gradient, four bytes each, and what the optimizer remembers.
    private static func ofAdapters(_ plan: RunPlan, _ config: TransformerConfiguration) -> Int {
        let bytes = 8 + plan.optimizerBytesPerValue
        return Int((Double(plan.adapterSize(config).values) * bytes).rounded())
    }

    /// Gradients of one block or of all, what the optimizer remembers, and in bfloat16 wide copies of what is
    /// being stepped.
    private static func ofWeights(_ plan: RunPlan) -> Int {
        guard let sizes = plan.weightSizes else { return 0 }
        let width = plan.dtype.byteWidth
        // Balanced by gradients, those of both losses are there at once.
        let losses = plan.file.train.audioBalance == .gradientNorm ? 2 : 1
        let gradients =
            plan.gradientUse == .blockwise ? sizes.largestSegment : sizes.values * losses
        let stepped = plan.stepsApart ? sizes.largestSegment : sizes.values
        let widened = width < 4 ? 8 * stepped : 0
        let state = Double(sizes.values) * plan.optimizerBytesPerValue
        return gradients * width + widened + Int(state.rounded())
    }
}

extension RunPlan {
    /// Tokens of the largest window, by modality.
    var longestTokens: (video: Int, audio: Int) {
        let sizes = clips.items.map { item in
            (item.latentShape.dropFirst().reduce(1, *), item.audio?.latentCount ?? 0)
        }
        let largest = sizes.max { $0.0 + $0.1 < $1.0 + $1.1 } ?? (0, 0)
        return (largest.0, hasSound ? largest.1 : 0)
    }

    /// Layers that get an adapter, and how many values those have.
    func adapterSize(_ config: TransformerConfiguration) -> (layers: Int, values: Int) {
        let recipe = recipe
        let layers = config.blockLinearShapes.filter {
            rules.accept($0.path) && $0.input * $0.output + $0.output >= rules.leastParameters
        }
        let values = layers.reduce(0) {
            $0 + recipe.valueCount($1.path, input: $1.input, output: $1.output)
        }
        return (layers.count, values)
    }
}

extension RunPlan {
    /// Part of the transformer's blocks that begins in host memory.
    var offloadedShare: Double {
        switch file.model.layerOffloading {
        case .off: 0
        case .on: file.model.layerOffloadingTransformerPercent
        case .auto: 0
        }
    }
}
