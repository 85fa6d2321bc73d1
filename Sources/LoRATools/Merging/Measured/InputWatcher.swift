import Torch

/// Stands in an adapter's place, looks at what passes and changes nothing.
final class InputWatcher: LinearAdapter {
    /// The adapter whose place this is; nil for a layer without one.
    let inner: (any LinearAdapter)?
    private let take: (Tensor) -> Void

    init(_ inner: (any LinearAdapter)?, _ take: @escaping (Tensor) -> Void) {
        (self.inner, self.take) = (inner, take)
    }

    func output(of layer: Linear, for x: Tensor) -> Tensor {
        withoutGradients { take(x) }
        return inner?.output(of: layer, for: x) ?? layer.base(x)
    }
}
