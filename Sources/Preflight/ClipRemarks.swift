import Foundation
import SoundAnalysis

/// What is said about one clip.
struct ClipRemarks {
    let limits: CheckThresholds

    /// Regularisation clips show somebody else: only what cannot be decoded is said of them.
    func remarks(on clip: ClipReview) -> [Remark] {
        guard clip.role != .regularisation else { return damage(clip) }
        return damage(clip) + pictures(clip) + caption(clip) + (clip.wantsSound ? sound(clip) : [])
    }

    private func damage(_ clip: ClipReview) -> [Remark] {
        var found: [Remark] = []
        if let problem = clip.pictureProblem {
            found.append(
                Remark(.run, .no, "its pictures cannot be decoded (\(problem)); export it again")
            )
        }
        if clip.wantsSound, let problem = clip.soundProblem {
            found.append(
                Remark(.voice, .no, "its sound cannot be decoded (\(problem)); export it again")
            )
        }
        return found
    }

    private func pictures(_ clip: ClipReview) -> [Remark] {
        var found: [Remark] = []
        if let other = clip.duplicateOf {
            found.append(
                Remark(.run, .doubtful, "has the same bytes as \(other); keep one of them")
            )
        }
        return found + speed(clip) + size(clip)
    }

    private func speed(_ clip: ClipReview) -> [Remark] {
        guard let window = clip.windows.first(where: { abs($0.stretch - 1) > limits.stretch })
        else { return [] }
        let speed = Int((100 / window.stretch).rounded())
        return [
            Remark(
                .voice,
                .doubtful,
                "plays at \(speed) % of its speed, voice included; remove time_stretch"
            )
        ]
    }

    private func size(_ clip: ClipReview) -> [Remark] {
        guard let factor = clip.windows.map(\.enlargement).max(), factor >= limits.enlargement
        else { return [] }
        return [
            Remark(
                .face,
                .doubtful,
                "is enlarged \(factor.text(1)) times and stays blurred; use a larger source or a "
                    + "smaller resolution"
            )
        ]
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
        guard clip.soundProblem == nil else { return [] }
        guard clip.channels > 0 else {
            return clip.isImage ? [] : [Remark(.voice, .no, "has no sound stream")]
        }
        guard let facts = clip.sound, facts.peak != nil else {
            return clip.pictureProblem == nil
                ? [Remark(.voice, .no, "its sound stream is silent")] : []
        }
        return gaps(clip) + speech(clip, facts) + level(facts)
    }

    private func gaps(_ clip: ClipReview) -> [Remark] {
        var found: [Remark] = []
        if let problem = clip.soundProblemElsewhere {
            found.append(
                Remark(
                    .voice,
                    .yes,
                    "its sound cannot be decoded outside of its windows (\(problem)); training hears "
                        + "none of that"
                )
            )
        }
        if clip.silentWindows > 0 {
            found.append(
                Remark(
                    .voice,
                    .yes,
                    "\(clip.silentWindows) of its \(clip.distinctWindows.count) windows are silent and "
                        + "teach the face only"
                )
            )
        }
        return found
    }

    private func speech(_ clip: ClipReview, _ facts: SoundFacts) -> [Remark] {
        var found: [Remark] = []
        if facts.looksLikeMusic {
            let reason = facts.musicReason.map { " (\($0))" } ?? ""
            found.append(
                Remark(
                    .voice,
                    .doubtful,
                    "sounds like music\(reason); a voice is learned from speech alone"
                )
            )
        }
        let share = clip.shareOfSpeech ?? facts.speechShare
        guard share < limits.speechShare else { return found }
        let percent = Int((share * 100).rounded())
        found.append(
            Remark(
                .voice,
                share < limits.speechShare / 3 ? .no : .doubtful,
                "only \(percent) % of it seem to be speech; cut it closer to what is said"
            )
        )
        return found
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
