/// Optimizers by ai-toolkit's names.
public enum OptimizerKind: String, Sendable, Codable, CaseIterable {
    /// Adam.
    case adam
    /// Adam with decoupled weight decay.
    case adamw
    /// Adam with 8-bit state.
    case adam8
    /// AdamW with 8-bit state.
    case adamw8
    /// Adam with blockwise quantised state.
    case adam8bit
    /// AdamW with blockwise quantised state.
    case adamw8bit
    /// AdEMAMix with blockwise quantised state.
    case ademamix8bit
    /// AdamW that needs no schedule.
    case adamwScheduleFree = "adamw_schedulefree"
    /// Lion.
    case lion
    /// Lion with blockwise quantised state.
    case lion8bit
    /// Adagrad.
    case adagrad
    /// Adafactor.
    case adafactor
    /// Prodigy, which finds its learning rate.
    case prodigy
    /// Prodigy with 8-bit state.
    case prodigy8bit
    /// D-Adapted Adam, which finds its learning rate.
    case dadaptation
    /// D-Adapted Lion, which finds its learning rate.
    case dadaptationlion
    /// A learning rate per element.
    case automagic
    /// A learning rate per tensor.
    case automagic2
    /// A learning rate per group.
    case automagic3

    /// Whether it finds its learning rate itself, so that `lr` is a factor near 1.
    public var findsLearningRate: Bool {
        [.prodigy, .prodigy8bit, .dadaptation, .dadaptationlion].contains(self)
    }
}

extension OptimizerKind: ConfigReadable {
    static let noun = "an optimizer such as \(known)"
    static let plural = "optimizers"
    static let schemaType = "choice"
    static var allowedValues: [String]? { allCases.map(\.rawValue) }
    private static let known = "adamw, adamw8bit, prodigy, adafactor, lion or automagic"
    private static let aliases: [String: OptimizerKind] = [
        "adamw_fused": .adamw, "dadaptationadam": .dadaptation, "schedulefree": .adamwScheduleFree,
    ]

    /// Any word that begins with `prodigy` is Prodigy, as in ai-toolkit.
    init?(_ node: ConfigNode) {
        guard let word = node.scalarText?.lowercased() else { return nil }
        if let kind = OptimizerKind(rawValue: word) ?? Self.aliases[word] {
            self = kind
        } else if word.hasPrefix("prodigy") {
            self = .prodigy
        } else {
            return nil
        }
    }

    var configValue: ConfigValue { .text(rawValue) }
}

/// Courses of the learning rate.
public enum LRScheduler: String, Sendable, Codable, CaseIterable, ConfigChoice {
    /// Always `lr`.
    case constant
    /// Up from 0, then `lr`.
    case constantWithWarmup = "constant_with_warmup"
    /// Down from `lr` to 0, or between two factors if the file gives them.
    case linear
    /// Down along half a cosine.
    case cosine
    /// Down along half a cosine, again and again.
    case cosineWithRestarts = "cosine_with_restarts"
    /// Down along a power.
    case polynomial
    /// Down by a factor every so many steps.
    case step
}

/// The course of the learning rate, as factors of `lr`, with every default filled in.
public struct LearningRateSchedule: Sendable, Equatable {
    /// Steps from 0 up to the first factor, for any course.
    public var warmupSteps = 0
    /// Length of the course in steps.
    public var totalSteps = 1000
    /// `linear`: factor at the start.
    public var startFactor = 1.0
    /// `linear`: factor at the end.
    public var endFactor = 0.0
    /// `cosine`, `cosine_with_restarts`: the lowest learning rate.
    public var minimumLR = 0.0
    /// `cosine_with_restarts`: steps of the first course.
    public var restartPeriod = 1000
    /// `cosine_with_restarts`: each course is this many times as long as the one before.
    public var restartGrowth = 1
    /// `step`: steps between two cuts.
    public var stepSize = 1000
    /// `step`: factor of a cut.
    public var gamma = 0.1
    /// `polynomial`: the power.
    public var power = 1.0

    /// A constant rate.
    public init() {}
}
