import Foundation

/// How the learning rate goes over a run: a factor on the run's rate for each step.
public indirect enum LearningRateSchedule: Equatable, Sendable {
    /// Always 1.
    case constant
    /// Up from 0 over some steps; then another course begins.
    case warmup(steps: Int, then: LearningRateSchedule = .constant)
    /// Between two factors over some steps, then the second (torch's `LinearLR`).
    case ramp(from: Double, to: Double, steps: Int)
    /// Half a cosine from 1 to `minimum` over some steps.
    case cosine(steps: Int, minimum: Double)
    /// Half a cosine from 1 to `minimum`, again and again; each one `growth` times as long as the last.
    case restarts(period: Int, growth: Int, minimum: Double)
    /// From 1 to 0 along a power over some steps.
    case polynomial(steps: Int, power: Double)
    /// Times `factor` every so many steps.
    case cuts(every: Int, factor: Double)

    /// Factor for the step that follows `done` finished ones.
    public func factor(after done: Int) -> Double {
        switch self {
        case .constant: 1
        case .warmup(let steps, let next):
            done < steps ? share(done, of: steps) : next.factor(after: done - steps)
        case .ramp(let from, let to, let steps): from + (to - from) * min(1, share(done, of: steps))
        case .cosine(let steps, let minimum): halfCosine(share(done, of: steps), minimum)
        case .restarts(let period, let growth, let minimum):
            halfCosine(Self.course(done, period: max(period, 1), growth: max(growth, 1)), minimum)
        case .polynomial(let steps, let power):
            pow(1 - min(1, share(done, of: steps)), power)
        case .cuts(let every, let factor): pow(factor, Double(done / max(every, 1)))
        }
    }

    private func share(_ done: Int, of steps: Int) -> Double {
        Double(done) / Double(max(steps, 1))
    }

    private func halfCosine(_ share: Double, _ minimum: Double) -> Double {
        minimum + (1 - minimum) * (1 + cos(.pi * share)) / 2
    }

    /// How much of the present course is done.
    private static func course(_ done: Int, period: Int, growth: Int) -> Double {
        var (left, length) = (done, period)
        if growth == 1 { left %= length }
        while left >= length {
            left -= length
            length *= growth
        }
        return Double(left) / Double(length)
    }
}
