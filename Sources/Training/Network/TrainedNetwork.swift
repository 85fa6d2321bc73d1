public import Adapters
import LTXModel
public import Torch

/// What a run trains: adapters beside a frozen model, or the model's own weights.
public protocol TrainedNetwork: AnyObject {
    /// Everything the optimizer changes, in order.
    var parameters: [Tensor] { get }
    /// The pathway of each parameter, in the order of `parameters`.
    var pathways: [Pathway] { get }
    /// Which parameters belong to which part of the model; of the pathways that are to learn.
    func layout(where learns: (Pathway) -> Bool) -> ParameterLayout
    /// What a saved state must agree with: layers and shapes of all parameters.
    var stateDescription: String { get }
    /// Whether the model as it was before the first step is still there.
    var keepsBase: Bool { get }
    /// Runs code with the model as it was before the first step; as it is now where that is not kept.
    func detached<R>(_ body: () throws -> R) rethrows -> R
    /// How far the matrices of each pathway have moved, root mean square; empty where that is not kept.
    var changes: [Pathway: Double] { get }
    /// Factor on all that was trained, for items with a weight of their own.
    var strength: Double { get set }
    /// Told that the optimizer changed parameters.
    func parametersChanged()
    /// Draws what the next step leaves out; nil leaves out nothing.
    func prepareStep(random: RandomGenerator?)
    /// Writes a file that others load.
    func write(to path: String, _ save: SaveOptions, metadata: [String: String]) throws
}

extension AdapterNetwork: TrainedNetwork {
    /// The frozen model stays what it is.
    public var keepsBase: Bool { true }

    /// The parameters by the layers that they belong to.
    public func layout(where learns: (Pathway) -> Bool) -> ParameterLayout {
        ParameterLayout(self, where: learns)
    }

    /// Layers and shapes of all trained parameters.
    public var stateDescription: String {
        let text = members.map { member in
            member.layer.path + member.adapter.parameters.map { "\($0.shape)" }.joined()
        }.joined(separator: ";")
        return "\(members.count) layers, \(parameterCount) values, " + StableHash(text).description
    }

    /// Writes an adapter file.
    public func write(to path: String, _ save: SaveOptions, metadata: [String: String]) throws {
        let tensors = try withTorchErrors {
            AdapterFile.tensors(of: self, dtype: save.dtype, names: save.names)
        }
        try TensorFile(tensors, metadata: metadata).write(to: path)
    }
}
