import Adapters
import Torch

/// What was measured of one layer of a merge.
public struct LayerMeasures: Sendable, Equatable {
    /// The layer's name in the checkpoint.
    public let path: String
    /// Its pathway, as `PathwayStrengths` names it.
    public let pathway: String
    /// Number of its block; nil outside of blocks.
    public let block: Int?
    /// How many adapters do something there.
    public let live: Int
    /// Numbers of the adapters, from 0, in the order of the lists below.
    public var adapters: [Int] = []
    /// `‖ΔW‖` of each.
    public var norms: [Double] = []
    /// The same in the result where single elements were scaled; else as before.
    public var normsAfter: [Double] = []
    /// What a chosen rank cut off, by number of the adapter.
    public var truncations: [Int: Truncation] = [:]
    /// How near they lie to each other; nil where that was not measured.
    public var geometry: LayerGeometry?
    /// How much they are in each other's way as an exact sum.
    public var before: LayerInterference?
    /// The same of the result.
    public var after: LayerInterference?
    /// Predicted error of each adapter by half the sum; empty where nothing was measured.
    public var errorsOfHalf: [Double?] = []
    /// Whether it is a sum with DoRAs.
    public var isMagnitude = false
    /// What guards had to do.
    public var guards: Set<MergeGuard> = []

    /// A layer of which nothing was measured.
    init(_ layer: LoRALayer, live: Int, guards: Set<MergeGuard> = []) {
        path = layer.path
        pathway = MergeModes.name(of: layer.pathway)
        block = layer.block
        self.live = live
        self.guards = guards
    }

    /// Measures a layer before and after.
    init(_ layer: LoRALayer, _ adapters: [Int], _ merge: MergeLayer, _ mixing: Mixing) {
        self.init(layer, live: merge.live.count, guards: mixing.guards)
        self.adapters = adapters
        norms = merge.norms
        normsAfter = merge.norms(scaledBy: mixing)
        guard merge.live.count > 1 else { return }
        geometry = merge.geometry
        let before = merge.interference(of: .none)
        self.before = before
        if let statistics = merge.statistics {
            errorsOfHalf = merge.errors(.identity(merge.rank) * 0.5, statistics)
        }
        after = mixing.isNone ? before : merge.interference(of: mixing)
    }
}
