public import Torch

/// An adapter that can be trained, saved and resumed.
public protocol TrainableAdapter: LinearAdapter {
    /// What kind it is.
    var kind: AdapterKind { get }
    /// What the optimizer changes, float32.
    var parameters: [Tensor] { get }
    /// What the parameters are called in files.
    var parameterNames: [String] { get }
    /// What files keep: every factor folded in, so that readers need to know nothing else.
    var stored: [StoredTensor] { get }
    /// Begins with what a file holds for this layer, instead of with nothing.
    ///
    /// - Throws: `AdapterMismatch` if that is of another kind, too wide, or for other sizes.
    func begin(with record: AdapterRecord) throws(AdapterMismatch)
    /// Told after parameters changed in a way that tensors may not know of.
    func parametersChanged()
    /// Draws what the next step leaves out; nil leaves out nothing.
    func prepareStep(random: RandomGenerator?)
    /// Factor on everything the adapter does, for items that want it weaker or stronger; files know nothing of it.
    var strength: Double { get set }
    /// `sum` and what the adapter changes in the layer's output for `x`; `base` is the frozen layer's output.
    func added(to sum: Tensor, base: Tensor, of layer: Linear, for x: Tensor) -> Tensor
    /// Frobenius norm of what it adds to the layer's matrix, at strength 1.
    var changeNorm: Tensor { get }
}

extension TrainableAdapter {
    /// Nothing to do for adapters that keep nothing made of their parameters.
    public func parametersChanged() {}

    /// The adapted layer's output.
    public func output(of layer: Linear, for x: Tensor) -> Tensor {
        let base = layer.base(x)
        return added(to: base, base: base, of: layer, for: x)
    }
}

/// A tensor as files keep it.
public struct StoredTensor {
    /// Its name behind the layer's path and a dot.
    public let name: String
    /// Its values.
    public let tensor: Tensor
    /// Whether it stays in float32 whatever the type of the file.
    public let isExact: Bool

    init(_ name: String, _ tensor: Tensor, isExact: Bool = false) {
        self.name = name
        self.tensor = tensor.detach()
        self.isExact = isExact
    }
}

/// The kinds of adapters.
public enum AdapterKind: String, CaseIterable, Sendable {
    /// Two thin matrices.
    case lora
    /// The same, with a trained length of each row of the sum.
    case dora
    /// A Kronecker product.
    case lokr
    /// An elementwise product of two low-rank products.
    case loha
    /// The whole difference.
    case fullrank

    /// Its name as people write it.
    public var title: String {
        switch self {
        case .lora: "LoRA"
        case .dora: "DoRA"
        case .lokr: "LoKr"
        case .loha: "LoHa"
        case .fullrank: "full difference"
        }
    }
}
