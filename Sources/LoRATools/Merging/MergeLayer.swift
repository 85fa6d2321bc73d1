public import Torch

// Axes: R = Σ r over the adapters of a layer.

/// What a merge knows of one layer: the factors of all adapters one below the other.
///
/// Everything a method asks about is answered from two Gram matrices `[R, R]`; no matrix of the layer's own
/// size is ever made. Users' strengths are left out on purpose: they scale the parts of the result and
/// change nothing about how the parts are kept apart.
public final class MergeLayer {
    /// A of all adapters, `[R, in]`, in the type of the factors.
    public let down: Tensor
    /// B of all adapters with the scale in it, `[out, R]`.
    public let up: Tensor
    /// The rows of `down` and columns of `up` that each adapter has.
    public let ranges: [Range<Int>]
    /// What each adapter reads while it is active, `Σ (A x)(A x)ᵀ` `[R, R]`; nil if that was not measured.
    public let statistics: LayerStatistics?
    /// `A Aᵀ` `[R, R]`, float64.
    public let inputs: Tensor
    /// `Bᵀ B` `[R, R]`, float64.
    public let outputs: Tensor
    /// `‖ΔW‖` of each adapter.
    public let norms: [Double]
    /// Whether an adapter does anything here: one with B = 0 is absent, not quiet.
    public let isLive: [Bool]
    /// How loud the adapters are over more of the model; without that, at this layer.
    public let loudness: Loudness

    /// Share of the loudest adapter's norm below which an adapter is absent.
    static let absent = 1e-6

    /// Takes the factors of one layer, in the order of the adapters.
    ///
    /// - Parameters:
    ///   - factors: of each adapter.
    ///   - statistics: what the adapters read while they are active.
    ///   - loudness: of the adapters over more of the model; nil for that of this layer alone.
    public init(
        _ factors: [LowRankFactors],
        statistics: LayerStatistics? = nil,
        loudness: Loudness? = nil
    ) {
        down = factors.count == 1 ? factors[0].down : .concatenate(factors.map(\.down), axis: 0)
        let scaled = factors.map { $0.scale == 1 ? $0.up : $0.up * $0.scale }
        up = scaled.count == 1 ? scaled[0] : .concatenate(scaled, axis: 1)
        var (ranges, next) = ([Range<Int>](), 0)
        for factor in factors {
            ranges.append(next..<next + factor.rank)
            next += factor.rank
        }
        let inputs = down.matmul(down.transposed).to(.float64)
        let outputs = up.transposed.matmul(up).to(.float64)
        let norms = ranges.map { range -> Double in
            max(0, inputs.block(range, range).inner(outputs.block(range, range))).squareRoot()
        }
        let loudest = norms.max() ?? 0
        (self.ranges, self.inputs, self.outputs, self.norms) = (ranges, inputs, outputs, norms)
        let isLive = norms.map { $0 > Self.absent * loudest && $0 > 0 }
        let heard = zip(norms, isLive).filter(\.1).map(\.0)
        self.isLive = isLive
        self.loudness = loudness ?? Loudness(norms, heard: heard)
        self.statistics = statistics
    }

    /// Sum of the ranks.
    public var rank: Int { ranges.last?.upperBound ?? 0 }

    /// Numbers of the adapters that do something.
    public var live: [Int] { isLive.indices.filter { isLive[$0] } }

    /// Share of the largest eigenvalue below which one is rounding.
    var floor: Double { down.dtype == .float64 ? 1e-14 : 1e-7 }

    /// Ones in the places of one adapter, `[R, 1]`.
    func selector(_ adapter: Int) -> Tensor {
        .numbers((0..<rank).map { ranges[adapter].contains($0) ? 1 : 0 }).reshape(-1, 1)
    }

    /// `‖B T A‖` from `T` `[R, R]`.
    func norm(mixed mixing: Tensor) -> Double {
        max(0, mixing.transposed.matmul(outputs).matmul(mixing).inner(inputs)).squareRoot()
    }

    /// Factors for the rows of A that make all adapters' A equally large, so that how an update is split
    /// into B and A is nothing a method can see.
    var balance: Tensor { balance(of: inputs) }

    /// The same for any such products, `A Aᵀ` or `Bᵀ B` `[R, R]`.
    func balance(of products: Tensor) -> Tensor {
        var factors = [Double](repeating: 1, count: rank)
        for range in ranges {
            let size = products.block(range, range).inner(.identity(range.count))
            let factor = size > 0 ? (Double(range.count) / size).squareRoot() : 1
            for place in range { factors[place] = factor }
        }
        return .numbers(factors)
    }
}

/// Statistics of the inputs of one layer, by adapter: `Σ (A x)(A x)ᵀ` over inputs `x` that it meets while active.
public struct LayerStatistics {
    /// One for each adapter, `[R, R]`, float64, in the order of the layer's adapters.
    public let adapters: [Tensor]
    /// The same for prompts that name no character, with no adapter active; nil if not measured.
    public let generic: Tensor?

    /// Statistics as they were measured.
    public init(adapters: [Tensor], generic: Tensor? = nil) {
        (self.adapters, self.generic) = (adapters, generic)
    }
}
