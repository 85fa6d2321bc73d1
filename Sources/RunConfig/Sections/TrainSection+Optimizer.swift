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
        checkScheduleFree(section)
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
        adaptAudioRate(section)
        if lr < 0.1 { lr = 1 }
        if ![.constant, .cosine].contains(lrScheduler) {
            section.warn(
                "lr_scheduler",
                "\(lrScheduler.rawValue) works against \(optimizer.rawValue), which finds the rate itself",
                fix: "use constant or cosine"
            )
        }
    }

    /// Schedule-free AdamW averages by itself, and the average takes the place of a falling rate.
    private func checkScheduleFree(_ section: ConfigSection) {
        guard optimizer == .adamwScheduleFree, !section.report.isSchemaPass else { return }
        if emaConfig.useEMA {
            section.error(
                "ema_config",
                "adamw_schedulefree saves a mean of the weights already",
                fix: "remove ema_config, or use adamw"
            )
        }
        if ![.constant, .constantWithWarmup].contains(lrScheduler) {
            section.warn(
                "lr_scheduler",
                "\(lrScheduler.rawValue) works against adamw_schedulefree, which needs no falling rate",
                fix: "use constant or constant_with_warmup"
            )
        }
    }

    /// What the sound's rate is beside the picture's stays, where both are taken as shares of the estimate.
    private mutating func adaptAudioRate(_ section: ConfigSection) {
        guard let given = audioLR, given < 0.1, lr > 0 else { return }
        audioLR = given / (lr < 0.1 ? lr : 1)
        guard lr < 0.1, section.has("audio_lr") else { return }
        section.warn(
            "audio_lr",
            "got \(given), taken as \(given / lr), as \(optimizer.rawValue) finds the rate itself",
            fix: "write it as a share of lr: 1.0"
        )
    }

    private func checkParameters(in section: inout ConfigSection) {
        checkNames(in: section)
        var number: Double?
        section.about("Share of a weight taken off per step, times lr.")
        section.read("weight_decay", into: &number, .within(0...10))
        section.about("Added to the denominator, so that no step is infinite.")
        section.read("eps", into: &number, .above(0), otherwise: "1e-6 for the Adam family")
        var betas: [Double]?
        let count = optimizer.betaCount
        let lowest: Double = optimizer == .adamwScheduleFree ? .leastNonzeroMagnitude : 0
        let betasRule = Rule<[Double]>.that(Self.betaWords(optimizer)) { betas in
            betas.count == count && betas.allSatisfy { (0..<1).contains($0) } && betas[0] >= lowest
        }
        section.about("Shares of the running means that stay in one step.")
        section.read(
            "betas",
            into: &betas,
            betasRule,
            fix: "write [0.9, 0.999\(count == 3 ? ", 0.9999" : "")]"
        )
        for (key, meaning) in Self.numberParameters {
            section.about(meaning)
            section.read(key, into: &number, Self.rule(of: key))
        }
        var flag: Bool?
        for (key, meaning) in Self.flagParameters {
            section.about(meaning)
            section.read(key, into: &flag)
        }
        section.rejectUnknownKeys()
    }

    private static func betaWords(_ optimizer: OptimizerKind) -> String {
        let count = optimizer.betaCount == 3 ? "three" : "two"
        let first = optimizer == .adamwScheduleFree ? ", the first above 0" : ""
        return "from 0 to below 1, \(count) of them\(first)"
    }

    /// Names that no optimizer knows are told by `rejectUnknownKeys`.
    private func checkNames(in section: ConfigSection) {
        guard !section.report.isSchemaPass else { return }
        let known = optimizer.parameters
        let named =
            Self.numberParameters.map(\.key) + Self.flagParameters.map(\.key)
            + ["betas", "eps", "weight_decay"]
        for key in section.order where named.contains(key) && !known.contains(key) {
            section.error(
                key,
                "\(optimizer.rawValue) has no such parameter",
                fix: "it has \(known.joined(separator: ", "))"
            )
        }
    }

    private static func rule(of key: String) -> Rule<Double> {
        switch key {
        case "beta1", "beta2", "beta3": .within(0..<1)
        case "d0", "d_coef", "clip_threshold": .above(0)
        case "growth_rate": .atLeast(1)
        case "decay_rate": .within(-1...0)
        case "lr_decay", "warmup_steps", "alpha": .atLeast(0)
        default: .any
        }
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
