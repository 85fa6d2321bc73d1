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
        checkSigmas(section)
        readStrictMode(from: &section)
        readVoicePreservation(from: &section)
    }

    private func checkSigmas(_ section: ConfigSection) {
        guard !independentAudioTimestep else { return }
        for key in ["audio_timestep_type", "mixed_audio_timestep"] where section.has(key) {
            section.warn(
                key,
                "has no effect, as independent_audio_timestep is false",
                fix: "keep one"
            )
        }
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
        checkBalance(section)
    }

    private mutating func checkBalance(_ section: ConfigSection) {
        if videoLossMultiplier == 0, audioBalance == .fixed, audioLossMultiplier == 0 {
            section.error(
                "video_loss_multiplier",
                "is 0, and so is audio_loss_multiplier: nothing would be learned",
                fix: "raise one of them"
            )
        }
        if videoLossMultiplier == 0, audioBalance != .fixed {
            section.warn(
                section.has("audio_balance") ? "audio_balance" : "auto_balance_audio_loss",
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
