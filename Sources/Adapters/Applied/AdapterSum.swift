import Torch

/// Several adapters of one layer: each adds to the frozen output what it alone would change in it.
///
/// So their order does not matter. A DoRA rescales the rows of the frozen matrix and its own update, never
/// what other files add; programs that patch one file after another into the matrix let a later DoRA rescale
/// the earlier updates too.
final class AdapterSum: LinearAdapter {
    private let adapters: [any TrainableAdapter]

    init(_ adapters: [any TrainableAdapter]) { self.adapters = adapters }

    func output(of layer: Linear, for x: Tensor) -> Tensor {
        let base = layer.base(x)
        return adapters.reduce(base) { $1.added(to: $0, base: base, of: layer, for: x) }
    }
}
