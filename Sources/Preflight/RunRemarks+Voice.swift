import Adapters
import ClipData
import Foundation
import RunConfig
import SoundAnalysis
import TrainingRun

/// What speaks for and against the voice.
extension RunRemarks {
    private var sounding: [ClipReview] { clips.filter { $0.wantsSound && $0.channels > 0 } }

    /// Whether a voice is asked for: adapters write sound, and clips bring it or the preset names it.
    var hears: Bool {
        guard adapts(\.writesAudio), clips.contains(where: \.wantsSound) else { return false }
        let isNamed = plan.file.preset == .voice || plan.file.preset == .faceAndVoice
        return isNamed || !sounding.isEmpty
    }

    /// Seconds of speech that are trained on.
    var speech: Double { clips.reduce(0) { $0 + $1.usableSpeech } }

    /// Share of clips with sound whose captions hold spoken words.
    var transcriptShare: Double {
        guard !sounding.isEmpty else { return 0 }
        return Double(sounding.count { $0.caption.transcript != nil }) / Double(sounding.count)
    }

    var voices: [Remark] {
        guard hears else { return [] }
        return [amountOfSpeech] + undecodable + music + starvation + transcripts
    }

    private var amountOfSpeech: Remark {
        let known = "3 to 6 minutes are reported to work"
        if speech < limits.tooLittleSpeech {
            return Remark(
                .voice,
                .no,
                "\(speech.spoken) of usable speech; \(known), so add clips in which the character speaks"
            )
        }
        let effect: Verdict = speech < limits.enoughSpeech ? .doubtful : .yes
        return Remark(.voice, effect, "\(speech.spoken) of usable speech; \(known)")
    }

    private var undecodable: [Remark] {
        let names = clips.filter { $0.soundProblem != nil }.map(\.name)
        guard !names.isEmpty else { return [] }
        let stops = plan.file.train.strictAudioMode != false
        return [
            Remark(
                .voice,
                stops ? .no : .doubtful,
                "sound cannot be decoded in \(names.listed)"
                    + (stops
                        ? ": training would stop before its first step; remove or repair them"
                        : ": strict_audio_mode is off, so they teach the face only")
            )
        ]
    }

    private var music: [Remark] {
        let suspects = clips.filter { $0.sound?.looksLikeMusic == true }
        let seconds = suspects.reduce(0) { $0 + $1.usableSpeech }
        guard seconds > speech * limits.musicShare else { return [] }
        return [
            Remark(
                .voice,
                .doubtful,
                "\(seconds.spoken) of the usable speech lie in clips that sound like music "
                    + "(\(suspects.map(\.name).listed)); it is learned with the voice"
            )
        ]
    }

    /// Images and clips without sound take steps in which no voice is heard.
    private var starvation: [Remark] {
        let weights = plan.clips.items.map { item in
            (count: plan.clips.datasets[item.dataset].repeats, sounds: item.bringsSound)
        }
        let all = weights.reduce(0) { $0 + $1.count }
        let heard = weights.reduce(0) { $0 + ($1.sounds ? $1.count : 0) }
        let share = Double(heard) / Double(max(all, 1))
        guard heard > 0, share < limits.soundingShare else { return [] }
        return [
            Remark(
                .voice,
                .doubtful,
                "sound is heard in \(Int((share * 100).rounded())) % of the steps only; give clips with "
                    + "sound more num_repeats, or use fewer images"
            )
        ]
    }

    private var transcripts: [Remark] {
        guard !sounding.isEmpty, transcriptShare < limits.transcriptShare else { return [] }
        let share = Int((transcriptShare * 100).rounded())
        return [
            Remark(
                .voice,
                .yes,
                "\(share) % of captions hold spoken words; exact words in quotes tie the voice to speech"
            )
        ]
    }
}

extension Double {
    /// Seconds as `48 seconds` or `3.2 minutes`.
    var spoken: String {
        self < 120 ? "\(Int(self)) seconds" : "\((self / 60).text(1)) minutes"
    }
}
