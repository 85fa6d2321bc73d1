extension OptimizerKind {
    /// Keys of `optimizer_params` that the optimizer knows.
    var parameters: [String] {
        switch self {
        case .adam, .adamw, .adam8, .adamw8, .adam8bit, .adamw8bit:
            ["betas", "eps", "weight_decay"]
        case .ademamix8bit: ["alpha", "betas", "eps", "weight_decay"]
        case .adamwScheduleFree:
            ["betas", "eps", "r", "warmup_steps", "weight_decay", "weight_lr_power"]
        case .lion, .lion8bit: ["betas", "weight_decay"]
        case .adagrad: ["eps", "lr_decay", "weight_decay"]
        case .adafactor:
            [
                "beta1", "clip_threshold", "decay_rate", "eps", "relative_step", "scale_parameter",
                "warmup_init", "weight_decay",
            ]
        case .prodigy, .prodigy8bit:
            [
                "beta3", "betas", "d0", "d_coef", "decouple", "eps", "growth_rate",
                "safeguard_warmup", "use_bias_correction", "weight_decay",
            ]
        case .dadaptation:
            [
                "betas", "d0", "decouple", "eps", "growth_rate", "use_bias_correction",
                "weight_decay",
            ]
        case .dadaptationlion: ["betas", "d0", "weight_decay"]
        case .automagic, .automagic2, .automagic3:
            [
                "beta2", "clip_threshold", "eps", "lr_bump", "max_lr", "min_lr", "weight_decay",
            ]
        }
    }

    /// Numbers in `betas`.
    var betaCount: Int { self == .ademamix8bit ? 3 : 2 }
}
