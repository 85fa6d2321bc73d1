public import Torch

/// Changes parameters by their gradients, and can be saved and resumed.
public protocol Optimizer: AnyObject {
    /// What it is, settings aside: a state fits only the same.
    var name: String { get }
    /// One step in place, with a rate for each parameter; one without a gradient is left alone.
    ///
    /// The gradients may be used up.
    func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double])
    /// Everything that a resumed run needs, by name.
    var state: [(name: String, tensor: Tensor)] { get }
    /// Takes back what `state` gave; `load` reads a tensor by name.
    func restore(_ load: (String) throws -> Tensor) throws
    /// What the rates of a step are multiplied by: an estimate, where the optimizer makes one.
    var rateFactor: Double { get }
    /// Whether it limits its steps by itself, so that gradients are not to be clipped.
    var limitsItself: Bool { get }
    /// Whether parameters can be given in several calls within a step, each with its own gradients.
    var stepsApart: Bool { get }
    /// The values to save and to measure in place of those that train; nil if they are the same.
    func averages(of parameters: [Tensor]) -> [Tensor]?
}

extension Optimizer {
    /// The rates are what they are.
    public var rateFactor: Double { 1 }
    /// Gradients are clipped.
    public var limitsItself: Bool { false }
    /// All parameters come in one call, unless an optimizer says otherwise.
    public var stepsApart: Bool { false }
    /// What trains is what is saved.
    public func averages(of parameters: [Tensor]) -> [Tensor]? { nil }
    /// Bytes of the state.
    public var stateBytes: Int { state.reduce(0) { $0 + $1.tensor.byteCount } }

    /// Runs `body` with the averages in the place of the parameters, which then are what they were, bit for bit.
    func withAverages<R>(of parameters: [Tensor], _ body: () throws -> R) throws -> R {
        let live = try withTorchErrors { () -> TensorList? in
            guard let averages = averages(of: parameters) else { return nil }
            let live = TensorList(parameters).clone()
            TensorList(parameters).copy(from: TensorList(averages))
            return live
        }
        guard let live else { return try body() }
        let result = Result { try body() }
        try withTorchErrors { TensorList(parameters).copy(from: live) }
        return try result.get()
    }
}
