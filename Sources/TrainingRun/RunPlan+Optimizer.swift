import RunConfig
import Torch
import Training

/// The optimizer that a run file names, with its parameters under the originals' names.
extension RunPlan {
    /// The optimizer of the run, with a running mean of the weights where one is kept.
    func makeOptimizer(of parameters: [Tensor]) -> any Optimizer {
        let optimizer = makeInnerOptimizer(of: parameters)
        let section = file.train.emaConfig
        guard section.useEMA else { return optimizer }
        var options = WeightAverage.Options()
        options.decay = section.emaDecay
        options.hasFeedback = section.useFeedback
        options.multiplier = section.paramMultiplier
        return WeightAverage(of: parameters, optimizer, options: options)
    }

    private var given: OptimizerParameters { OptimizerParameters(file.train.optimizerParams) }

    private func makeInnerOptimizer(of parameters: [Tensor]) -> any Optimizer {
        switch file.train.optimizer {
        case .adam, .adamw, .adam8, .adamw8, .adam8bit, .adamw8bit:
            AdamW(parameters, options: adam)
        case .ademamix8bit: AdEMAMix(parameters, options: adEMAMix)
        case .adamwScheduleFree: ScheduleFreeAdamW(parameters, options: scheduleFree)
        case .lion, .lion8bit: Lion(parameters, options: lion)
        case .adagrad: Adagrad(parameters, options: adagrad)
        case .adafactor: Adafactor(parameters, options: adafactor)
        case .prodigy, .prodigy8bit: Prodigy(parameters, options: prodigy)
        case .dadaptation: DAdaptAdam(parameters, options: dAdaptAdam)
        case .dadaptationlion: DAdaptLion(parameters, options: dAdaptLion)
        // Refused before anything is read: see `Capabilities.today`.
        case .automagic, .automagic2, .automagic3: AdamW(parameters, options: adam)
        }
    }

    /// bitsandbytes' Adam takes its decay from the weights; torch's adds it to the gradients.
    private var adam: AdamW.Options {
        let kind = file.train.optimizer
        var options = AdamW.Options()
        if [.adam, .adam8, .adam8bit].contains(kind) { options.decay = 0 }
        options.isDecoupled = ![.adam, .adam8].contains(kind)
        if ![.adam, .adamw].contains(kind) { options.precision = .blocks }
        given.readBetas(into: &options.beta1, &options.beta2)
        given.read("eps", into: &options.epsilon)
        given.read("weight_decay", into: &options.decay)
        return options
    }

    private var adEMAMix: AdEMAMix.Options {
        var options = AdEMAMix.Options()
        given.readBetas(into: &options.beta1, &options.beta2)
        given.readThirdBeta(into: &options.beta3)
        given.read("alpha", into: &options.alpha)
        given.read("eps", into: &options.epsilon)
        given.read("weight_decay", into: &options.decay)
        return options
    }

    private var scheduleFree: ScheduleFreeAdamW.Options {
        var options = ScheduleFreeAdamW.Options()
        given.readBetas(into: &options.beta1, &options.beta2)
        given.read("eps", into: &options.epsilon)
        given.read("weight_decay", into: &options.decay)
        given.read("warmup_steps", into: &options.warmupSteps)
        given.read("r", into: &options.stepPower)
        given.read("weight_lr_power", into: &options.ratePower)
        return options
    }

    private var lion: Lion.Options {
        var options = Lion.Options()
        if file.train.optimizer == .lion8bit { options.precision = .blocks }
        given.readBetas(into: &options.beta1, &options.beta2)
        given.read("weight_decay", into: &options.decay)
        return options
    }

    private var adagrad: Adagrad.Options {
        var options = Adagrad.Options()
        given.read("lr_decay", into: &options.rateDecay)
        given.read("eps", into: &options.epsilon)
        given.read("weight_decay", into: &options.decay)
        return options
    }

    private var adafactor: Adafactor.Options {
        var options = Adafactor.Options()
        given.read("beta1", into: &options.beta1)
        given.read("eps", into: &options.epsilon)
        given.read("clip_threshold", into: &options.clipThreshold)
        given.read("decay_rate", into: &options.decayRate)
        given.read("weight_decay", into: &options.decay)
        given.read("scale_parameter", into: &options.scalesByWeights)
        given.read("relative_step", into: &options.isRelative)
        given.read("warmup_init", into: &options.warmsUp)
        return options
    }

    private var prodigy: Prodigy.Options {
        var options = Prodigy.Options()
        if file.train.optimizer == .prodigy8bit { options.precision = .blocks }
        given.readBetas(into: &options.beta1, &options.beta2)
        given.read("beta3", into: &options.beta3)
        given.read("eps", into: &options.epsilon)
        given.read("weight_decay", into: &options.decay)
        given.read("decouple", into: &options.isDecoupled)
        given.read("use_bias_correction", into: &options.correctsBias)
        given.read("safeguard_warmup", into: &options.guardsWarmup)
        given.read("d0", into: &options.start)
        given.read("d_coef", into: &options.coefficient)
        given.read("growth_rate", into: &options.growth)
        return options
    }

    private var dAdaptAdam: DAdaptAdam.Options {
        var options = DAdaptAdam.Options()
        given.readBetas(into: &options.beta1, &options.beta2)
        given.read("eps", into: &options.epsilon)
        given.read("weight_decay", into: &options.decay)
        given.read("decouple", into: &options.isDecoupled)
        given.read("use_bias_correction", into: &options.correctsBias)
        given.read("d0", into: &options.start)
        given.read("growth_rate", into: &options.growth)
        return options
    }

    private var dAdaptLion: DAdaptLion.Options {
        var options = DAdaptLion.Options()
        given.readBetas(into: &options.beta1, &options.beta2)
        given.read("weight_decay", into: &options.decay)
        given.read("d0", into: &options.start)
        return options
    }
}

extension RunPlan {
    /// Bytes of optimizer state for each value of the adapters, about.
    var optimizerBytesPerValue: Double {
        let block = 1 + 1.0 / 64  // a code, and a scale for 256 of them
        let own: Double =
            switch file.train.optimizer {
            case .adam, .adamw, .adamwScheduleFree, .dadaptationlion: 8
            case .adam8, .adamw8, .adam8bit, .adamw8bit: 2 * block
            case .ademamix8bit: 3 * block
            case .lion, .adagrad: 4
            case .lion8bit: block
            case .adafactor: file.train.optimizerParams["beta1"] == nil ? 0.2 : 4.2
            // Where the parameters began is kept of those that do not begin at zero: one in two.
            case .prodigy: 14
            case .prodigy8bit: 3 * block + 2
            case .dadaptation: 12
            case .automagic, .automagic2, .automagic3: 8
            }
        return own + (file.train.emaConfig.useEMA ? 4 : 0)
    }
}
