import Torch

/// What is left out of an adapter while training, so that few clips are not learned by heart.
public struct AdapterDropout: Equatable, Sendable {
    /// Share of the rank dimensions that is left out; the rest is scaled up to keep the expectation.
    public var rank = 0.0
    /// Probability that the whole adapter is left out of a step, without scaling.
    public var module = 0.0
    /// Share of single inner values that is left out, scaled likewise.
    public var element = 0.0

    /// Keeps everything.
    public static let none = AdapterDropout()

    /// The given shares, each from 0 to below 1.
    public init(rank: Double = 0, module: Double = 0, element: Double = 0) {
        self.rank = rank
        self.module = module
        self.element = element
    }

    /// What one step leaves out; drawn before the step so that a recomputed block sees the same.
    struct Masks {
        var isKept = true
        var rank: Tensor?  // [r]
        var element: ElementMask?

        /// Whether nothing is left out.
        var isEmpty: Bool { isKept && rank == nil && element == nil }

        func apply(to inner: Tensor) -> Tensor {
            let ranked = rank.map { inner * $0.to(inner.dtype) } ?? inner
            return element.map { $0.apply(to: ranked) } ?? ranked
        }
    }

    /// Draws what the next step leaves out; nothing without a generator.
    func masks(rank count: Int, random: RandomGenerator?, device: Device) -> Masks {
        var masks = Masks()
        guard let random else { return masks }
        if module > 0 { masks.isKept = random.uniform([1]).item() >= module }
        if rank > 0 { masks.rank = Self.keep(random.uniform([count]), rank).to(on: device) }
        if element > 0 { masks.element = ElementMask(share: element, seed: random.seedForLater()) }
        return masks
    }

    /// 1 / (1 − p) where a uniform number is at least p, 0 elsewhere.
    fileprivate static func keep(_ uniform: Tensor, _ share: Double) -> Tensor {
        // (u − p) is negative exactly where the value is dropped; its sign becomes 0 or 1.
        let kept = ((uniform - share).clamped(-1e-12, 0) * 1e12 + 1).clamped(0, 1)
        return kept * (1 / (1 - share))
    }

    /// A mask whose size is known only when the layer runs: made from its own seed each time.
    final class ElementMask {
        private let share: Double
        private let seed: UInt64
        private var made: Tensor?

        init(share: Double, seed: UInt64) {
            self.share = share
            self.seed = seed
        }

        func apply(to inner: Tensor) -> Tensor {
            if made?.shape != inner.shape, let random = try? RandomGenerator(seed: seed) {
                made = AdapterDropout.keep(random.uniform(inner.shape), share)
                    .to(inner.dtype, on: inner.device)
            }
            return made.map { inner * $0 } ?? inner
        }
    }
}
