import ClipData
import RunConfig

extension TrainSection {
    /// How the voice is kept where clips lack sound: as the file says, or as is usual if it says nothing.
    var voiceRules: RunConfig.VoicePreservation {
        voicePreservation ?? RunConfig.VoicePreservation(every: 1, multiplier: 1)
    }

    /// Whether the sound's loss counts.
    var teachesSound: Bool { audioBalance != .fixed || audioLossMultiplier > 0 }

    /// Whether it is kept at all.
    var preservesVoice: Bool { voiceRules.isOn }
}
