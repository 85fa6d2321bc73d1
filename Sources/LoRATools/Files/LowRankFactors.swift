public import Torch

/// The two thin matrices of a LoRA: the layer's matrix grows by `scale · up · down`.
public struct LowRankFactors {
    /// A, `[r, in]`.
    public let down: Tensor
    /// B, `[out, r]`.
    public let up: Tensor
    /// alpha / r; 1 where the file says no alpha.
    public let scale: Double

    /// Factors with their scale.
    public init(down: Tensor, up: Tensor, scale: Double = 1) {
        self.down = down
        self.up = up
        self.scale = scale
    }

    /// The number r that both matrices share.
    public var rank: Int { down.size(0) }

    /// Both matrices in another type.
    public func to(_ dtype: DType) -> LowRankFactors {
        LowRankFactors(down: down.to(dtype), up: up.to(dtype), scale: scale)
    }
}
