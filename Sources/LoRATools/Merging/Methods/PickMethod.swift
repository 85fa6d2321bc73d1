/// One adapter alone: face from one, voice from another.
///
/// No bit of it changes at strength 1, and no rank is added.
public struct PickMethod: MergeMethod {
    /// Number of the adapter, from 0.
    public let adapter: Int

    /// Takes the adapter of this number, from 0.
    public init(_ adapter: Int) { self.adapter = adapter }

    /// `pick:2` for the second one.
    public var name: String { "pick:\(adapter + 1)" }

    /// The one, if it has the layer.
    public func kept(of adapters: [Int]) -> [Int]? { adapters.filter { $0 == adapter } }

    /// Nothing changes.
    public func mixing(of layer: MergeLayer) -> Mixing { .none }
}
