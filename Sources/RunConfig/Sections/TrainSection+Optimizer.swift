/// Optimizer and learning rate.
extension TrainSection {
    mutating func readOptimizer(from section: inout ConfigSection) {
        section.about("Learning rate.")
        section.read("lr", into: &lr, .within(0...10), fix: "use 1e-4 with adamw8bit")
        section.about("Learning rate of the audio side's adapters.")
        section.read("audio_lr", into: &audioLR, .within(0...10), otherwise: "lr")
        section.about("Kind of optimizer.")
        section.read("optimizer", into: &optimizer)
        optimizerParams = section.rawValue("optimizer_params").mapping
        section.about("Parameters of the optimizer, under the names of the original.")
        if var child = section.section("optimizer_params") { checkParameters(in: &child) }
        section.about("Course of the learning rate.")
        section.read("lr_scheduler", into: &lrScheduler)
        lrSchedulerParams = section.rawValue("lr_scheduler_params").mapping
        readSchedule(from: &section)
        section.about("Gradients of a larger norm are scaled down to it.")
        section.read("max_grad_norm", into: &maxGradNorm, .above(0), fix: "use 1.0")
        adaptRate(section)
    }

    private mutating func adaptRate(_ section: ConfigSection) {
        guard optimizer.findsLearningRate, !section.report.isSchemaPass else { return }
        if lr < 0.1, section.has("lr") {
            section.warn(
                "lr",
                "got \(lr), taken as 1, as \(optimizer.rawValue) finds the rate itself",
                fix: "write lr: 1.0"
            )
        }
        if lr < 0.1 { lr = 1 }
        if ![.constant, .cosine].contains(lrScheduler) {
            section.warn(
                "lr_scheduler",
                "\(lrScheduler.rawValue) works against \(optimizer.rawValue), which finds the rate itself",
                fix: "use constant or cosine"
            )
        }
    }

    /// The common names are checked here; which of them an optimizer knows, it says itself.
    private func checkParameters(in section: inout ConfigSection) {
        var number: Double?
        section.about("Share of a weight taken off per step, times lr.")
        section.read("weight_decay", into: &number, .within(0...10))
        section.about("Added to the denominator, so that no step is infinite.")
        section.read("eps", into: &number, .above(0), otherwise: "1e-6 for the Adam family")
        var betas: [Double]?
        let betasRule = Rule<[Double]>.that("from 0 to below 1, two or three of them") { betas in
            (2...3).contains(betas.count) && betas.allSatisfy { (0..<1).contains($0) }
        }
        section.about("Shares of the running means that stay in one step.")
        section.read("betas", into: &betas, betasRule, fix: "write [0.9, 0.999]")
        for (key, meaning) in Self.numberParameters {
            section.about(meaning)
            section.read(key, into: &number)
        }
        var flag: Bool?
        for (key, meaning) in Self.flagParameters {
            section.about(meaning)
            section.read(key, into: &flag)
        }
        section.rejectUnknownKeys()
    }

    private static let numberParameters: KeyValuePairs = [
        "beta1": "Adafactor: share of the running mean; absent for none.",
        "beta2": "Automagic: share of the running mean of squares.",
        "beta3": "Prodigy: share of the running mean of its estimate.",
        "alpha": "AdEMAMix: weight of the slow mean.",
        "clip_threshold": "Adafactor, automagic: root mean square of an update at most.",
        "d0": "Prodigy, D-Adaptation: first estimate of the rate.",
        "d_coef": "Prodigy: factor of the estimate.",
        "decay_rate": "Adafactor: how fast the mean of squares forgets.",
        "growth_rate": "Prodigy, D-Adaptation: growth of the estimate per step at most.",
        "lr_bump": "Automagic: change of a learning rate per step.",
        "lr_decay": "Adagrad: decay of the learning rate.",
        "max_lr": "Automagic: highest learning rate.",
        "min_lr": "Automagic: lowest learning rate.",
        "r": "Schedule-free: power of the step in the weights of the mean.",
        "warmup_steps": "Schedule-free: steps of warm-up.",
        "weight_lr_power": "Schedule-free: power of the rate in the weights of the mean.",
    ]

    private static let flagParameters: KeyValuePairs = [
        "amsgrad": "Adam: keep the largest mean of squares.",
        "decouple": "Prodigy, D-Adaptation: weight decay as in AdamW.",
        "relative_step": "Adafactor: rate by step number.",
        "safeguard_warmup": "Prodigy: leave the warm-up out of the estimate.",
        "scale_parameter": "Adafactor: rate times the size of the weights.",
        "use_bias_correction": "Prodigy: correct the means for their start at zero.",
        "warmup_init": "Adafactor: begin with a small rate.",
    ]
}

extension ConfigValue {
    /// The keys, if it is a mapping; else none.
    var mapping: [String: ConfigValue] {
        if case .mapping(let values) = self { values } else { [:] }
    }
}
