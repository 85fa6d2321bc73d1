import Foundation

/// How the learning rate goes over a run: a factor on the run's rate for each step.
public enum LearningRateSchedule: Equatable, Sendable {
    /// Always 1.
    case constant
    /// From 0 to 1 over some steps, then 1.
    case warmup(steps: Int)
    /// From 1 to 0 over the run.
    case decay(steps: Int)
    /// Between two factors over some steps, then the second (torch's `LinearLR`).
    case ramp(from: Double, to: Double, steps: Int)
    /// Half a cosine from 1 to `minimum` over some steps.
    case cosine(steps: Int, minimum: Double)

    /// Factor for the step that follows `done` finished ones.
    public func factor(after done: Int) -> Double {
        switch self {
        case .constant: 1
        case .warmup(let steps): steps > 0 ? min(1, Double(done) / Double(steps)) : 1
        case .decay(let steps): max(0, 1 - Double(done) / Double(max(steps, 1)))
        case .ramp(let from, let to, let steps):
            from + (to - from) * min(1, Double(done) / Double(max(steps, 1)))
        case .cosine(let steps, let minimum):
            minimum + (1 - minimum) * (1 + cos(.pi * Double(done) / Double(max(steps, 1)))) / 2
        }
    }
}
