public import Torch

/// A way to bring adapters together at one layer.
///
/// The result is always `B' A'` with as many rows as the adapters have together, or some of them: nothing is
/// approximated by rank. What a method says is how A, and rarely B, is mixed or scaled.
public protocol MergeMethod: Sendable {
    /// Its name in options, reports and metadata.
    var name: String { get }
    /// Which adapters stay at this layer; nil means all. Decided from which of them have the layer, before
    /// anything of it is read.
    func kept(of adapters: [Int]) -> [Int]?
    /// How the factors change.
    ///
    /// - Throws: `MergeError` if the layer lacks what the method needs.
    func mixing(of layer: MergeLayer) throws -> Mixing
}

extension MergeMethod {
    /// All of them.
    public func kept(of adapters: [Int]) -> [Int]? { nil }
}

/// How a method changes the factors of a layer.
public struct Mixing {
    /// T `[R, R]` with A' = T A; nil leaves A as it is, to the last bit.
    public var input: Tensor?
    /// S `[R, R]` with B' = B S; nil leaves B as it is, to the last bit.
    public var output: Tensor?
    /// Factors on the elements of A, `[R, in]` or `[R, 1]`.
    public var elements: Tensor?
    /// What a guard had to do.
    public var guards: Set<MergeGuard> = []

    /// Nothing changes: the exact sum.
    public static var none: Mixing { Mixing() }

    /// Whether nothing changes.
    public var isNone: Bool { input == nil && output == nil && elements == nil }

    init(input: Tensor? = nil, output: Tensor? = nil, elements: Tensor? = nil) {
        (self.input, self.output, self.elements) = (input, output, elements)
    }

    /// A' of the layer.
    public func down(of layer: MergeLayer) -> Tensor {
        var down = layer.down
        if let elements { down = down * elements.to(down.dtype) }
        if let input { down = input.to(down.dtype).matmul(down) }
        return down
    }

    /// B' of the layer, scales of the files in it, strengths of users not.
    public func up(of layer: MergeLayer) -> Tensor {
        guard let output else { return layer.up }
        return layer.up.matmul(output.to(layer.up.dtype))
    }
}

/// What kept a method from doing all it was asked, at a layer.
public enum MergeGuard: String, CaseIterable, Sendable {
    /// The result would have been louder than the sum allows; the isolation was weakened.
    case amplification
    /// Fewer than two adapters do anything here; nothing was to be kept apart.
    case alone
    /// Two adapters nearly cancel each other.
    case opposed
}
