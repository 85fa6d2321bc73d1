/// The exact sum: factors one beside the other, no bit of them changed at strength 1.
public struct SumMethod: MergeMethod {
    /// The exact sum.
    public init() {}

    /// `sum`.
    public var name: String { "sum" }

    /// Nothing changes.
    public func mixing(of layer: MergeLayer) -> Mixing { .none }
}
