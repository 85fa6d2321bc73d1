/// The course of the learning rate, with every default filled in.
extension TrainSection {
    mutating func readSchedule(from section: inout ConfigSection) {
        schedule.totalSteps = steps
        schedule.warmupSteps = lrScheduler == .constantWithWarmup ? min(1000, steps / 10) : 0
        schedule.restartPeriod = steps
        section.about("Parameters of lr_scheduler.")
        var params = section.section("lr_scheduler_params")
        if params != nil { readParameters(from: &params) }
        let gaveWarmup = lrSchedulerParams["num_warmup_steps"] != nil
        if lrScheduler == .constantWithWarmup, !gaveWarmup {
            section.note(
                "lr_scheduler",
                "warms up over \(schedule.warmupSteps) steps, as num_warmup_steps is not given"
            )
        }
        if lrScheduler == .linear, !gaveFactors {
            section.note(
                "lr_scheduler",
                "linear falls from lr to 0; ai-toolkit's rises from a third of lr",
                fix: "give start_factor and end_factor for another course"
            )
        }
        if lrScheduler == .step, lrSchedulerParams["step_size"] == nil {
            section.error(
                "lr_scheduler",
                "step needs lr_scheduler_params.step_size",
                fix: "write step_size: 500"
            )
        }
    }

    private var gaveFactors: Bool {
        lrSchedulerParams["start_factor"] != nil || lrSchedulerParams["end_factor"] != nil
    }

    private mutating func readParameters(from params: inout ConfigSection?) {
        guard var section = params else { return }
        let count = Rule<Int>.within(1...100_000_000)
        section.about("Steps from 0 up to lr.")
        section.read(
            "num_warmup_steps",
            into: &schedule.warmupSteps,
            .within(0...100_000_000),
            otherwise: "a tenth of steps, at most 1000, with constant_with_warmup; else 0"
        )
        section.about("Length of the course.")
        section.read("total_iters", into: &schedule.totalSteps, count, otherwise: "steps")
        section.about("Cosine: the same as total_iters.")
        section.read("T_max", into: &schedule.totalSteps, count, otherwise: "steps")
        readFactors(from: &section)
        schedule.restartPeriod = schedule.totalSteps
        section.about("Cosine, with or without restarts: the lowest learning rate.")
        section.read("eta_min", into: &schedule.minimumLR, .within(0...10))
        section.about("Restarts: steps of the first course.")
        section.read("T_0", into: &schedule.restartPeriod, count, otherwise: "total_iters")
        section.about("Restarts: each course is so many times as long as the one before.")
        section.read("T_mult", into: &schedule.restartGrowth, .within(1...1000))
        section.about("Step: steps between two cuts.")
        section.read("step_size", into: &schedule.stepSize, count)
        section.about("Step: factor of a cut.")
        section.read("gamma", into: &schedule.gamma, .within(0...1))
        section.about("Polynomial: the power.")
        section.read("power", into: &schedule.power, .above(0))
        section.rejectUnknownKeys()
        params = section
    }

    /// Explicit factors mean torch's `LinearLR`, whose own defaults then hold for the other one.
    private mutating func readFactors(from section: inout ConfigSection) {
        if gaveFactors { (schedule.startFactor, schedule.endFactor) = (1.0 / 3, 1) }
        section.about("Linear: factor at the start.")
        section.read("start_factor", into: &schedule.startFactor, .within(0...1))
        section.about("Linear: factor at the end.")
        section.read("end_factor", into: &schedule.endFactor, .within(0...1))
    }
}
