import Foundation
import SoundAnalysis

/// What is said about one clip.
struct ClipRemarks {
    let limits: CheckThresholds

    func remarks(on clip: ClipReview) -> [Remark] {
        pictures(clip) + caption(clip) + (clip.wantsSound ? sound(clip) : [])
    }

    private func pictures(_ clip: ClipReview) -> [Remark] {
        var found: [Remark] = []
        if let problem = clip.pictureProblem {
            found.append(Remark(.run, .no, "its pictures cannot be decoded: \(problem)"))
        }
        if let other = clip.duplicateOf {
            found.append(
                Remark(.run, .doubtful, "has the same bytes as \(other); keep one of them")
            )
        }
        if let window = clip.windows.first(where: { abs($0.stretch - 1) > limits.stretch }) {
            let speed = Int((100 / window.stretch).rounded())
            found.append(
                Remark(
                    .voice,
                    .doubtful,
                    "plays at \(speed) % of its speed, voice included; remove time_stretch"
                )
            )
        }
        return found
    }

    private func caption(_ clip: ClipReview) -> [Remark] {
        if !clip.caption.isThere {
            return [
                Remark(
                    .run,
                    .doubtful,
                    "has no caption; write what is seen, what is said and how it sounds beside it"
                )
            ]
        }
        guard clip.wantsSound, clip.channels > 0, clip.caption.transcript == nil else { return [] }
        return [
            Remark(.voice, .yes, "its caption has no words that are spoken; add them in quotes")
        ]
    }

    private func sound(_ clip: ClipReview) -> [Remark] {
        if let problem = clip.soundProblem {
            return [
                Remark(.voice, .no, "its sound cannot be decoded (\(problem)); export it again")
            ]
        }
        guard clip.channels > 0 else {
            return clip.isImage ? [] : [Remark(.voice, .no, "has no sound stream")]
        }
        guard let facts = clip.sound, facts.peak != nil else {
            return [Remark(.voice, .no, "its sound stream is silent")]
        }
        return speech(facts) + level(facts)
    }

    private func speech(_ facts: SoundFacts) -> [Remark] {
        if facts.looksLikeMusic {
            let reason = facts.musicReason.map { " (\($0))" } ?? ""
            return [
                Remark(
                    .voice,
                    .doubtful,
                    "sounds like music\(reason); a voice is learned from speech alone"
                )
            ]
        }
        guard facts.speechShare < limits.speechShare else { return [] }
        let share = Int((facts.speechShare * 100).rounded())
        return [
            Remark(
                .voice,
                facts.speechShare < limits.speechShare / 3 ? .no : .doubtful,
                "only \(share) % of it seem to be speech; cut it closer to what is said"
            )
        ]
    }

    private func level(_ facts: SoundFacts) -> [Remark] {
        var found: [Remark] = []
        if facts.clippedShare > limits.clipped {
            let share = (facts.clippedShare * 1000).rounded() / 10
            found.append(
                Remark(.voice, .doubtful, "is clipped: \(share) % of its samples are at full scale")
            )
        }
        if let loudness = facts.loudness, loudness < limits.quiet {
            found.append(
                Remark(
                    .voice,
                    .doubtful,
                    "is quiet: \(Int(loudness.rounded())) LUFS; use audio_normalize: true or record louder"
                )
            )
        }
        // The floor is that of the quietest tenth that is not silent: noise only where a tenth and more is
        // no speech, and where what lies between the words is not silence itself.
        if facts.speechShare < limits.denseSpeech, facts.silenceShare < 0.1,
            let loudness = facts.loudness,
            let floor = facts.noiseFloor, loudness - floor < limits.noiseDistance
        {
            found.append(
                Remark(
                    .voice,
                    .doubtful,
                    "its noise lies only \(Int((loudness - floor).rounded())) dB below its voice; "
                        + "noise is learned with the voice"
                )
            )
        }
        return found
    }
}
