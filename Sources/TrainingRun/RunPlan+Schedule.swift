import RunConfig
import Training

extension RunPlan {
    /// The course of the learning rate; a warm-up is part of its length.
    var schedule: Training.LearningRateSchedule {
        let course = file.train.schedule
        return course.warmupSteps > 0
            ? .warmup(steps: course.warmupSteps, then: courseAfterWarmup) : courseAfterWarmup
    }

    private var courseAfterWarmup: Training.LearningRateSchedule {
        let course = file.train.schedule
        let steps = max(1, course.totalSteps - course.warmupSteps)
        let minimum = course.minimumLR / max(file.train.lr, 1e-30)
        switch file.train.lrScheduler {
        case .constant, .constantWithWarmup: return .constant
        case .linear:
            return .ramp(from: course.startFactor, to: course.endFactor, steps: steps)
        case .cosine: return .cosine(steps: steps, minimum: minimum)
        case .cosineWithRestarts:
            return .restarts(
                period: course.restartPeriod,
                growth: course.restartGrowth,
                minimum: minimum
            )
        case .polynomial: return .polynomial(steps: steps, power: course.power)
        case .step: return .cuts(every: course.stepSize, factor: course.gamma)
        }
    }
}
