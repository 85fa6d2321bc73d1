import Adapters
import ClipData
import LTXModel
import Measurement
import RunConfig
import Tokenizer
import Torch
import Training

/// Something that takes bytes, and how many.
public struct PlannedBytes: Codable, Sendable, Equatable {
    /// What it is.
    public let name: String
    /// How much.
    public let bytes: Int
}

extension [PlannedBytes] {
    /// All of it.
    public var total: Int { reduce(0) { $0 + $1.bytes } }
}

/// What training takes of the device's memory: what stays is counted from sizes, what a step adds is measured.
struct MemoryPlan {
    let device: [PlannedBytes]
    /// Blocks that begin in host memory, and their bytes.
    let offloaded: (count: Int, bytes: Int)

    /// Part of a device's memory that stays free: allocators need room to move.
    private static let reserve = 0.06
    /// Blocks of those in host memory that are on the device at a time.
    private static let slots = 2

    init(_ plan: RunPlan, _ shape: StepShape) throws {
        let probe = try ActivationProbe(shape)
        let activations = PlannedBytes(
            name: "activations",
            bytes: probe.bytes - probe.gradientBytes
        )
        var parts = plan.trainsWeights ? Self.ofWeights(plan) : Self.ofAdapters(plan, shape, probe)
        parts.append(activations)
        if plan.device.kind == "cpu" {
            parts.append(PlannedBytes(name: "captions", bytes: plan.contextBytes))
        }
        let share = Self.share(plan, beside: parts.total)
        let blocks = plan.blockBytes
        var choice = OffloadingChoice(share: share)
        let chosen = blocks.filter { choice.takes($0) }
        offloaded = (chosen.count, chosen.reduce(0, +))
        let slots = PlannedBytes(
            name: "places for blocks from host memory",
            bytes: Self.slots * (chosen.max() ?? 0)
        )
        device =
            [
                PlannedBytes(
                    name: plan.trainsWeights ? "model" : "base model",
                    bytes: plan.weightBytes - offloaded.bytes
                )
            ]
            + (chosen.isEmpty ? [] : [slots]) + parts
    }

    /// Four bytes for each value and its gradient, and what the optimizer remembers.
    private static func ofAdapters(
        _ plan: RunPlan,
        _ shape: StepShape,
        _ probe: ActivationProbe
    ) -> [PlannedBytes] {
        let values = plan.adapterSize(shape.config).values
        let state = Int((Double(values) * plan.optimizerBytesPerValue).rounded())
        return [
            PlannedBytes(name: "adapters", bytes: values * 4),
            PlannedBytes(name: "optimizer", bytes: state),
            PlannedBytes(name: "gradients", bytes: probe.gradientBytes),
        ]
    }

    /// Gradients of one block or of all, what the optimizer remembers, and in bfloat16 wide copies of what is being
    /// stepped.
    private static func ofWeights(_ plan: RunPlan) -> [PlannedBytes] {
        guard let sizes = plan.weightSizes else { return [] }
        let width = plan.dtype.byteWidth
        // Balanced by gradients, those of both losses are there at once.
        let losses = plan.file.train.audioBalance == .gradientNorm ? 2 : 1
        let gradients =
            plan.gradientUse == .blockwise ? sizes.largestSegment : sizes.values * losses
        let stepped = plan.stepsApart ? sizes.largestSegment : sizes.values
        let state = Double(sizes.values) * plan.optimizerBytesPerValue
        return [
            PlannedBytes(name: "optimizer", bytes: Int(state.rounded())),
            PlannedBytes(name: "gradients", bytes: gradients * width),
            PlannedBytes(name: "wide copies", bytes: width < 4 ? 8 * stepped : 0),
        ]
    }

    /// The share that the file gives, or the least that lets the run fit.
    private static func share(_ plan: RunPlan, beside others: Int) -> Double {
        guard plan.file.model.layerOffloading == .auto else { return plan.offloadedShare }
        guard let room = plan.device.size?.unused else { return 0 }
        return leastShare(
            room: room,
            blocks: plan.blockBytes,
            others: others + plan.weightBytes - plan.blockBytes.reduce(0, +)
        )
    }

    /// The least share of the blocks in host memory with which all fits into so many bytes; all of them if none does.
    static func leastShare(room: Int, blocks: [Int], others: Int) -> Double {
        let (all, largest) = (blocks.reduce(0, +), blocks.max() ?? 0)
        let free = Double(room) * (1 - reserve) - Double(others)
        guard Double(all) > free, all > 0 else { return 0 }
        return min(1, 1 - (free - Double(slots * largest)) / Double(all))
    }
}

extension RunPlan {
    /// Part of the blocks' bytes that begins in host memory.
    var offloadedShare: Double {
        file.model.layerOffloading == .on ? file.model.layerOffloadingTransformerPercent : 0
    }

    /// The share to begin with; for `auto` the least that is predicted to fit.
    func firstOffloadedShare() throws -> Double {
        guard file.model.layerOffloading == .auto, let shape = largestStep else {
            return offloadedShare
        }
        let found = try MemoryPlan(self, shape).offloaded.bytes
        return Double(found) / Double(max(1, blockBytes.reduce(0, +)))
    }

    /// Bytes of all contexts, which are kept as long as the run lasts.
    var contextBytes: Int {
        guard let transformer else { return 0 }
        let width =
            (transformer.captionWidth ?? transformer.video.width)
            + (transformer.captionWidth ?? transformer.audio.width)
        return prompts.all.count * TextConnectors.contextLength * width * dtype.byteWidth
    }
}
