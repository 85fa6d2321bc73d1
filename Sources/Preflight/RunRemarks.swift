import Foundation
import RunConfig
import TrainingRun

/// What is said about a run as a whole, from its plan and the clips that the character is learned from.
struct RunRemarks {
    let plan: RunPlan
    /// Clips of the role `training`.
    let clips: [ClipReview]
    let limits: CheckThresholds
    /// What the run takes; nil without the model.
    var resources: ResourcePlan?

    var all: [Remark] { base + absent + memory + course + captions + faces + voices }

    /// What the plan warns of: distilled and quantised models first of all.
    private var base: [Remark] {
        plan.diagnostics.filter { $0.severity == .warning }.map { warning in
            let isBase = warning.path == "model.name_or_path"
            return Remark(.run, isBase ? .doubtful : .yes, "\(warning.path): \(warning.message)")
        }
    }

    /// Models that are not here, and what could not be looked at for that.
    private var absent: [Remark] {
        var found: [Remark] = []
        if plan.models.checkpoint.path == nil {
            found.append(
                Remark(
                    .run,
                    .yes,
                    "\(plan.models.checkpoint.id) is not on this machine yet, so its kind, memory and time "
                        + "are not checked; train downloads it, or: likeness model fetch "
                        + plan.models.checkpoint.id
                )
            )
        }
        if plan.models.textEncoder.path == nil {
            found.append(
                Remark(
                    .run,
                    .yes,
                    "the text encoder \(plan.models.textEncoder.id) is not on this machine yet; train "
                        + "downloads it first"
                )
            )
        }
        return found
    }

    private var memory: [Remark] {
        guard let resources, let size = resources.deviceSize else { return [] }
        return Self.memory(needed: resources.device.total, has: size, on: "\(plan.device)")
    }

    /// Doubtful rather than hopeless: other programs may leave the device before the run begins.
    static func memory(needed: Int, has bytes: Int, on device: String) -> [Remark] {
        guard needed > bytes else { return [] }
        return [
            Remark(
                .run,
                .doubtful,
                "about \(needed.inBytes) of memory are needed, \(device) has \(bytes.inBytes); use a smaller "
                    + "resolution, fewer frames or a batch of 1"
            )
        ]
    }

    // MARK: - Steps and rates

    private var course: [Remark] { rates + steps }

    private var rates: [Remark] {
        let train = plan.file.train
        guard train.optimizer == .adamw || train.optimizer == .adamw8bit else { return [] }
        let rates =
            [("train.lr", train.lr)] + (train.audioLR.map { [("train.audio_lr", $0)] } ?? [])
        return rates.compactMap { name, rate in
            if rate < limits.lowRate {
                return Remark(.run, .doubtful, "\(name) is \(rate): little is learned; use 1e-4")
            }
            guard rate > limits.highRate else { return nil }
            return Remark(.run, .doubtful, "\(name) is \(rate): a LoRA may break at that; use 1e-4")
        }
    }

    private var steps: [Remark] {
        let steps = plan.file.train.steps
        var found: [Remark] = []
        if learnsFace, steps < limits.faceSteps {
            found.append(
                Remark(
                    .face,
                    .doubtful,
                    "train.steps is \(steps); faces were reported to lock at 1250 to 2000"
                )
            )
        }
        if hears, steps < limits.voiceSteps {
            found.append(
                Remark(
                    .voice,
                    .doubtful,
                    "train.steps is \(steps); voices were first heard at about \(limits.voiceSteps)"
                )
            )
        }
        return found
    }

    // MARK: - Captions

    private var captions: [Remark] {
        var found: [Remark] = []
        if (plan.file.triggerWord ?? "").isEmpty {
            found.append(
                Remark(
                    .run,
                    .yes,
                    "there is no trigger_word: nothing calls the character; use a word that means nothing"
                )
            )
        }
        let texts = clips.filter { $0.duplicateOf == nil && $0.caption.isThere }.map(\.caption.text)
        if texts.count > 2, Set(texts).count == 1 {
            found.append(
                Remark(
                    .run,
                    .doubtful,
                    "all captions are the same: what changes from clip to clip is learned with the "
                        + "character; say what is seen and said in each"
                )
            )
        }
        return found
    }
}
