import Torch

@testable import Training

/// The optimizers of `optimizer_paths.py` with the same settings.
enum OptimizerKinds {
    typealias Make = ([Tensor]) -> any Optimizer

    static func adam(_ change: @escaping (inout AdamW.Options) -> Void = { _ in }) -> Make {
        { AdamW($0, options: changed(AdamW.Options(), change)) }
    }

    static func adagrad(_ change: @escaping (inout Adagrad.Options) -> Void = { _ in }) -> Make {
        { Adagrad($0, options: changed(Adagrad.Options(), change)) }
    }

    static func lion(_ change: @escaping (inout Lion.Options) -> Void = { _ in }) -> Make {
        { Lion($0, options: changed(Lion.Options(), change)) }
    }

    static func prodigy(_ change: @escaping (inout Prodigy.Options) -> Void = { _ in }) -> Make {
        { Prodigy($0, options: changed(Prodigy.Options(), change)) }
    }

    static func dAdapt(_ change: @escaping (inout DAdaptAdam.Options) -> Void = { _ in }) -> Make {
        { DAdaptAdam($0, options: changed(DAdaptAdam.Options(), change)) }
    }

    static func dAdaptLion(
        _ change: @escaping (inout DAdaptLion.Options) -> Void = { _ in }
    ) -> Make {
        { DAdaptLion($0, options: changed(DAdaptLion.Options(), change)) }
    }

    static func adafactor(
        _ change: @escaping (inout Adafactor.Options) -> Void = { _ in }
    ) -> Make {
        { Adafactor($0, options: changed(Adafactor.Options(), change)) }
    }

    static func scheduleFree(
        _ change: @escaping (inout ScheduleFreeAdamW.Options) -> Void = { _ in }
    ) -> Make {
        { ScheduleFreeAdamW($0, options: changed(ScheduleFreeAdamW.Options(), change)) }
    }

    static func adEMAMix(_ change: @escaping (inout AdEMAMix.Options) -> Void = { _ in }) -> Make {
        { AdEMAMix($0, options: changed(AdEMAMix.Options(), change)) }
    }

    private static func changed<Options>(
        _ options: Options,
        _ change: (inout Options) -> Void
    ) -> Options {
        var options = options
        change(&options)
        return options
    }

    /// With state in float32, by the recording's names, and their rates.
    static var exact: [(name: String, rate: Double, make: Make)] {
        [
            ("adamw", 1e-2, adam()),
            (
                "adam_decay", 1e-2,
                adam {
                    $0.isDecoupled = false
                    $0.decay = 0.1
                }
            ),
            ("adagrad", 1e-2, adagrad()),
            (
                "adagrad_decay", 1e-2,
                adagrad {
                    $0.rateDecay = 0.1
                    $0.decay = 0.1
                    $0.epsilon = 1e-6
                }
            ),
            ("lion", 1e-3, lion()),
            (
                "lion_decay", 1e-3,
                lion {
                    ($0.beta1, $0.beta2) = (0.8, 0.95)
                    $0.decay = 0.3
                }
            ),
            (
                "adafactor_options", 1e-2,
                adafactor {
                    $0.beta1 = 0.9
                    $0.decay = 0.1
                    $0.scalesByWeights = true
                    $0.clipThreshold = 0.5
                    $0.decayRate = -0.7
                }
            ),
            ("adafactor", 1e-2, adafactor()),
            (
                "adafactor_relative", 1,
                adafactor {
                    $0.scalesByWeights = true
                    $0.isRelative = true
                    $0.warmsUp = true
                }
            ),
            ("adamw_schedulefree", 1e-2, scheduleFree()),
            (
                "adamw_schedulefree_options", 1e-2,
                scheduleFree {
                    ($0.beta1, $0.beta2) = (0.8, 0.99)
                    $0.decay = 0.1
                    $0.warmupSteps = 10
                    $0.stepPower = 1
                    $0.ratePower = 1
                }
            ),
        ]
    }

    /// Those that find their rate.
    static var estimating: [(name: String, rate: Double, make: Make)] {
        [
            ("prodigy", 1, prodigy()),
            (
                "prodigy_options", 0.5,
                prodigy {
                    ($0.beta1, $0.beta2, $0.beta3) = (0.8, 0.99, 0.98)
                    $0.decay = 0.1
                    $0.correctsBias = true
                    $0.guardsWarmup = true
                    $0.start = 1e-5
                    $0.coefficient = 100
                    $0.growth = 1.1
                }
            ),
            (
                "prodigy_coupled", 1,
                prodigy {
                    ($0.beta1, $0.beta2) = (0, 0.99)
                    $0.decay = 0.1
                    $0.isDecoupled = false
                }
            ),
            ("dadaptation", 1, dAdapt()),
            (
                "dadaptation_options", 0.5,
                dAdapt {
                    $0.decay = 0.1
                    $0.isDecoupled = true
                    $0.correctsBias = true
                    $0.start = 1e-4
                    $0.growth = 1.2
                }
            ),
            ("dadaptation_coupled", 1, dAdapt { $0.decay = 0.1 }),
            ("dadaptationlion", 1, dAdaptLion()),
            (
                "dadaptationlion_decay", 0.5,
                dAdaptLion {
                    ($0.beta1, $0.beta2) = (0.8, 0.99)
                    $0.decay = 0.3
                    $0.start = 1e-4
                }
            ),
        ]
    }

    /// With state in 8 bits.
    static var blockwise: [(name: String, rate: Double, make: Make)] {
        [
            ("adamw8bit", 1e-2, adam { $0.precision = .blocks }),
            (
                "adam8bit", 1e-2,
                adam {
                    $0.precision = .blocks
                    $0.decay = 0
                }
            ),
            ("lion8bit", 1e-3, lion { $0.precision = .blocks }),
            ("ademamix8bit", 1e-2, adEMAMix()),
        ]
    }

    static var all: [(name: String, rate: Double, make: Make)] { exact + estimating + blockwise }
}
