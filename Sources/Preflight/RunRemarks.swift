import Adapters
import ClipData
import Foundation
import RunConfig
import TrainingRun

/// What is said about a run as a whole, from its plan and its clips.
struct RunRemarks {
    let plan: RunPlan
    let clips: [ClipReview]
    let limits: CheckThresholds

    var all: [Remark] { base + course + faces + voices }

    /// What the plan warns of: distilled and quantised models first of all.
    private var base: [Remark] {
        plan.diagnostics.filter { $0.severity == .warning }.map { warning in
            let isBase = warning.path == "model.name_or_path"
            return Remark(.run, isBase ? .doubtful : .yes, "\(warning.path): \(warning.message)")
        }
    }

    private var course: [Remark] {
        let train = plan.file.train
        var found: [Remark] = []
        if train.optimizer == .adamw || train.optimizer == .adamw8bit {
            if train.lr < limits.lowRate {
                found.append(
                    Remark(.run, .doubtful, "train.lr is \(train.lr): little is learned; use 1e-4")
                )
            }
            if train.lr > limits.highRate {
                found.append(
                    Remark(
                        .run,
                        .doubtful,
                        "train.lr is \(train.lr): a LoRA may break at that; use 1e-4"
                    )
                )
            }
        }
        if learnsFace, Double(train.steps) < Double(limits.faceSteps) {
            found.append(
                Remark(
                    .face,
                    .doubtful,
                    "train.steps is \(train.steps); faces were reported to lock at 1000 to 2000"
                )
            )
        }
        if hears, train.steps < limits.voiceSteps {
            found.append(
                Remark(
                    .voice,
                    .doubtful,
                    "train.steps is \(train.steps); voices were first heard at about \(limits.voiceSteps)"
                )
            )
        }
        return found
    }

    // MARK: - Face

    /// Whether adapters write the picture and its loss counts.
    var learnsFace: Bool {
        plan.file.train.videoLossMultiplier > 0 && (plan.rules.pathways?.contains(.video) ?? true)
    }

    private var faces: [Remark] {
        guard learnsFace else { return [] }
        let usable = clips.filter { $0.face != .no && $0.duplicateOf == nil }.count
        if usable == 0 { return [Remark(.face, .no, "no clip can be used")] }
        guard usable < limits.enoughClips else {
            return [Remark(.face, .yes, "\(usable) clips show it")]
        }
        let effect: Verdict = usable < limits.fewClips ? .doubtful : .yes
        return [
            Remark(
                .face,
                effect,
                "\(usable) clips show it; 20 to 50 are reported to work, from many sides and in many lights"
            )
        ]
    }

    // MARK: - Voice

    /// Whether sound is asked for and adapters write it.
    var hears: Bool {
        clips.contains(where: \.wantsSound)
            && (plan.rules.pathways.map { $0.contains(where: \.writesAudio) } ?? true)
    }

    /// Seconds of speech that are trained on.
    var speech: Double { clips.reduce(0) { $0 + $1.usableSpeech } }

    /// Share of clips with sound whose captions hold spoken words.
    var transcriptShare: Double {
        let sounding = clips.filter { $0.wantsSound && $0.channels > 0 }
        guard !sounding.isEmpty else { return 0 }
        return Double(sounding.count { $0.caption.transcript != nil }) / Double(sounding.count)
    }

    private var voices: [Remark] {
        guard hears else { return [] }
        return amount + sources + transcripts
    }

    private var amount: [Remark] {
        let text =
            speech < 120 ? "\(Int(speech)) seconds" : "\((speech / 6).rounded() / 10) minutes"
        let known = "3 to 6 minutes are reported to work"
        if speech < limits.tooLittleSpeech {
            return [Remark(.voice, .no, "\(text) of usable speech; \(known)")]
        }
        let effect: Verdict = speech < limits.enoughSpeech ? .doubtful : .yes
        return [Remark(.voice, effect, "\(text) of usable speech; \(known)")]
    }

    private var sources: [Remark] {
        let failed = clips.filter { $0.soundProblem != nil }.count
        guard failed > 0 else { return [] }
        let stops = plan.file.train.strictAudioMode != false
        return [
            Remark(
                .voice,
                stops ? .no : .doubtful,
                "\(failed) clips have sound that cannot be decoded"
                    + (stops ? ": training would stop before its first step" : "")
            )
        ]
    }

    private var transcripts: [Remark] {
        guard transcriptShare < limits.transcriptShare else { return [] }
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
