import Adapters
import ClipCache
import ClipData
import LTXModel
import Measurement
import RunConfig
import Torch
import Training

extension RunPlan {
    /// The step with the largest batch of the run; nil without the model.
    var largestStep: StepShape? {
        let items = clips.items
        let largest = items.max { tokens($0) < tokens($1) }
        return largest.flatMap(stepShape)
    }

    private func tokens(_ item: PlannedItem) -> Int {
        item.latentShape.dropFirst().reduce(1, *) + (item.audio?.latentCount ?? 0)
    }

    /// A step with windows like this one.
    func stepShape(_ item: PlannedItem) -> StepShape? {
        guard let transformer else { return nil }
        var shape = StepShape(config: transformer)
        let sizes = item.latentShape
        shape.grid = (sizes[1], sizes[2], sizes[3])
        shape.audioCount = hasSound ? item.audio?.latentCount ?? 0 : 0
        shape.textCount = TextConnectors.contextLength
        shape.batchSize = file.train.batchSize
        // Without adapters the activations are told with the least ones: both keep what goes into a layer.
        shape.recipe = trainsWeights ? StepShape.adapters(rank: 1) : recipe
        shape.recipe.dropout = .none
        shape.rules = rules
        shape.quantization = quantization
        shape.checkpointing = stepOptions.checkpointing
        shape.dtype = dtype
        shape.device = device
        return shape
    }
}
