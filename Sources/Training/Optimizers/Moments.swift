import Torch

/// Numbers that an optimizer remembers, one for each element of each parameter.
protocol Moments: AnyObject {
    /// Those of some parameters, to be changed in place and given back to `write`.
    func read(_ indices: [Int]) -> TensorList
    /// Keeps what `read` gave, changed.
    func write(_ values: TensorList, at indices: [Int])
    /// What is remembered, under names that begin with `name`.
    func state(_ name: String) -> [(name: String, tensor: Tensor)]
    /// Takes back what `state` gave.
    func restore(_ name: String, _ load: (String) throws -> Tensor) throws
}

/// How an optimizer keeps its moments.
public enum MomentPrecision: Sendable {
    /// Four bytes a number.
    case float32
    /// A byte a number and a scale for 256 of them; float32 for parameters of less than 4096 elements.
    case blocks

    /// Zeros for parameters; `signed` if moments may be negative.
    func moments(of parameters: [Tensor], signed: Bool) -> any Moments {
        switch self {
        case .float32: FloatMoments(of: parameters)
        case .blocks: BlockMoments(of: parameters, signed: signed)
        }
    }
}

/// Moments in float32.
final class FloatMoments: Moments {
    private let values: [Tensor]

    /// Zeros.
    init(of parameters: [Tensor]) {
        values = parameters.map { .zerosWhenWritten($0.shape, device: $0.device) }
    }

    /// What the parameters are now.
    init(copying parameters: [Tensor]) {
        values = TensorList(parameters.map { $0.detach() }).clone().tensors.map { $0.to(.float32) }
    }

    func read(_ indices: [Int]) -> TensorList { TensorList(indices.map { values[$0] }) }

    // What was read is what is kept.
    func write(_ values: TensorList, at indices: [Int]) {}

    func state(_ name: String) -> [(name: String, tensor: Tensor)] {
        values.enumerated().map { ("\(name).\($0)", $1) }
    }

    func restore(_ name: String, _ load: (String) throws -> Tensor) throws {
        for (index, value) in values.enumerated() {
            value.copy(from: try load("\(name).\(index)"))
        }
    }
}
