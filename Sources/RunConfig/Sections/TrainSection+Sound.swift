/// What makes the voice survive.
extension TrainSection {
    mutating func readSound(from section: inout ConfigSection) {
        section.about("The audio has a sigma of its own in every step.")
        section.read("independent_audio_timestep", into: &independentAudioTimestep)
        section.about("How the audio's own sigma is drawn.")
        section.read("audio_timestep_type", into: &audioTimestepType)
        section.about("Share of steps in which picture and sound have one sigma after all.")
        section.read("mixed_audio_timestep", into: &mixedAudioTimestep, .within(0...1))
        readBalance(from: &section)
        readStrictMode(from: &section)
        section.about(
            "Keep the frozen model's voice on clips without sound: every k-th step, and how strongly."
        )
        section.read(
            "voice_preservation",
            into: &voicePreservation,
            .that("with every of at least 1 and multiplier of at least 0") { $0.isUsable },
            fix: "write {every: 1, multiplier: 1.0}; clips, steps and guidance may follow",
            otherwise: "on when some clips have sound and some do not"
        )
    }

    private mutating func readBalance(from section: inout ConfigSection) {
        section.about("Factor of the video loss; at 0 the picture is only there to be seen.")
        section.read("video_loss_multiplier", into: &videoLossMultiplier, .atLeast(0))
        section.about("Factor of the audio loss, unless it is balanced.")
        section.read("audio_loss_multiplier", into: &audioLossMultiplier, .atLeast(0))
        section.about("Keep the audio loss at a third of the video loss, by running means of both.")
        section.read("auto_balance_audio_loss", into: &autoBalanceAudioLoss)
        audioBalance = autoBalanceAudioLoss ? .lossAverage : .fixed
        section.about("What keeps the audio loss in proportion to the video loss.")
        section.read(
            "audio_balance",
            into: &audioBalance,
            otherwise: "loss_average if auto_balance_audio_loss is true"
        )
        if autoBalanceAudioLoss, audioBalance != .lossAverage {
            section.warn(
                "audio_balance",
                "wins over auto_balance_audio_loss: true, so the balance is \(audioBalance.rawValue)",
                fix: "keep one"
            )
        }
        autoBalanceAudioLoss = audioBalance == .lossAverage
        if videoLossMultiplier == 0, audioBalance == .fixed, audioLossMultiplier == 0 {
            section.error(
                "video_loss_multiplier",
                "is 0, and so is audio_loss_multiplier: nothing would be learned",
                fix: "raise one of them"
            )
        }
        if videoLossMultiplier == 0, audioBalance != .fixed {
            section.warn(
                "audio_balance",
                "has nothing to balance the sound with, as video_loss_multiplier is 0",
                fix: "remove it"
            )
            audioBalance = .fixed
            autoBalanceAudioLoss = false
        }
        if audioBalance != .fixed, audioLossMultiplier != 1 {
            section.warn(
                "audio_loss_multiplier",
                "has no effect, as the losses are balanced (\(audioBalance.rawValue))",
                fix: "remove it, or turn the balance off"
            )
        }
    }

    private mutating func readStrictMode(from section: inout ConfigSection) {
        section.about(
            "true: stop when too few clips bring sound. false: go on where sound cannot be decoded."
        )
        section.read(
            "strict_audio_mode",
            into: &strictAudioMode,
            otherwise: "false, but sound that cannot be decoded stops the run"
        )
        var ratio = strictAudioMinSupervisedRatio
        section.about("Share of sound that strict_audio_mode asks for, from 0 to 1.")
        section.read("strict_audio_min_supervised_ratio", into: &ratio)
        strictAudioMinSupervisedRatio = min(max(ratio, 0), 1)
        if ratio != strictAudioMinSupervisedRatio {
            section.warn(
                "strict_audio_min_supervised_ratio",
                "got \(ratio), taken as \(strictAudioMinSupervisedRatio)",
                fix: "use a value from 0 to 1"
            )
        }
        section.about("Steps before strict_audio_mode looks.")
        section.read(
            "strict_audio_warmup_steps",
            into: &strictAudioWarmupSteps,
            .within(0...100_000_000)
        )
    }
}

/// How the frozen model's voice is kept on clips without sound.
public struct VoicePreservation: Sendable, Equatable {
    /// Steps between two such losses; 0 is never.
    public var every: Int
    /// Factor of the loss; 0 is none.
    public var multiplier: Double

    /// Sounds that the base model makes before training; 0 is silence alone.
    public var clips = 4
    /// Sampling steps of each.
    public var steps = 20
    /// Guidance scale of the sound while sampling.
    public var guidance = 4.0

    /// Whether there is any.
    public var isOn: Bool { every > 0 && multiplier > 0 }

    /// Every so many steps, this strong.
    public init(every: Int, multiplier: Double) {
        self.every = every
        self.multiplier = multiplier
    }
}

extension VoicePreservation: ConfigReadable {
    static let noun = "true, false or {every: k, multiplier: m}"
    static let plural = noun
    static let schemaType = "boolean or mapping"

    init?(_ node: ConfigNode) {
        if let isOn = Bool(node) {
            self.init(every: isOn ? 1 : 0, multiplier: isOn ? 1 : 0)
            return
        }
        guard case .mapping(let entries) = node.content else { return nil }
        self.init(every: 1, multiplier: 1)
        for entry in entries {
            switch entry.key {
            case "every":
                guard let value = Int(entry.value), value >= 1 else { return nil }
                every = value
            case "multiplier":
                guard let value = Double(entry.value) else { return nil }
                multiplier = value
            case "clips":
                guard let value = Int(entry.value), (0...64).contains(value) else { return nil }
                clips = value
            case "steps":
                guard let value = Int(entry.value), (1...1000).contains(value) else { return nil }
                steps = value
            case "guidance":
                guard let value = Double(entry.value), value >= 1 else { return nil }
                guidance = value
            default: return nil
            }
        }
    }

    var isUsable: Bool { multiplier >= 0 }

    var configValue: ConfigValue {
        [
            "every": .integer(every), "multiplier": .number(multiplier), "clips": .integer(clips),
            "steps": .integer(steps), "guidance": .number(guidance),
        ]
    }
}
