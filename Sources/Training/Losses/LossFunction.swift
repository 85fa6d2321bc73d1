public import Torch

/// How a predicted velocity is compared with its target, element by element.
public struct LossFunction: Equatable, Sendable {
    /// The measure of one difference.
    public enum Measure: Equatable, Sendable {
        /// Squared difference.
        case mse
        /// Absolute difference.
        case mae
        /// `√(d² + c²) − c`: squared near zero, absolute far away.
        case pseudoHuber(c: Double)
    }

    /// The measure of one difference.
    public var measure: Measure
    /// Differential guidance: the target is moved this many times as far from the prediction.
    ///
    /// 1 leaves it where it is. What is moved counts as constant, so gradients grow by the factor, no more.
    public var guidance: Double

    /// Squared differences without guidance, unless told otherwise.
    public init(_ measure: Measure = .mse, guidance: Double = 1) {
        self.measure = measure
        self.guidance = guidance
    }

    /// The measure of each element, in the shape of both, float32.
    public func values(_ prediction: Tensor, _ target: Tensor) -> Tensor {
        let difference = prediction - moved(target, away: prediction)
        switch measure {
        case .mse: return difference * difference
        case .mae: return difference.absolute()
        case .pseudoHuber(let c): return (difference * difference + c * c).squareRoot() - c
        }
    }

    private func moved(_ target: Tensor, away prediction: Tensor) -> Tensor {
        guard guidance != 1 else { return target }
        let fixed = prediction.detach()
        return fixed + (target - fixed) * guidance
    }
}
