import ClipData
import RunConfig

extension TrainSection {
    /// How the voice is kept where clips lack sound: as the file says, or as is usual if it says nothing.
    var voiceRules: RunConfig.VoicePreservation {
        voicePreservation ?? RunConfig.VoicePreservation(every: 1, multiplier: 1)
    }

    /// Whether it is kept at all.
    var preservesVoice: Bool { voiceRules.isOn }
}
