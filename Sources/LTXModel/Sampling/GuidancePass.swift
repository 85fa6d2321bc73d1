// Axes: B batch.

/// One of the predictions that a step of guided sampling is made of.
enum GuidancePass: CaseIterable {
    /// What is wanted.
    case prompt
    /// By the negative prompt.
    case negative
    /// Without self-attention in some blocks.
    case perturbed
    /// Without exchange between picture and sound.
    case isolated
}

extension Guidance.Scales {
    /// Factor on the difference between the plain prediction and that of a pass; nil where it has none.
    func factor(of pass: GuidancePass) -> Double? {
        let factor =
            switch pass {
            case .prompt: 0.0
            case .negative: prompt - 1
            case .perturbed: perturbation
            case .isolated: modality - 1
            }
        return factor == 0 ? nil : factor
    }
}

extension Guidance {
    /// Guidance of what a start makes: nothing leads a modality that is given or absent, and without the
    /// other modality there is nothing to isolate from.
    func of(_ start: LatentSampler.Start) -> Guidance {
        var own = self
        if start.video?.isMade != true { own.video = Scales() }
        if start.audio?.isMade != true { own.audio = Scales() }
        if start.video == nil || start.audio == nil {
            (own.video.modality, own.audio.modality) = (1, 1)
        }
        return own
    }

    /// The passes that have a factor in either modality, the plain one first.
    var passes: [GuidancePass] {
        GuidancePass.allCases.filter {
            $0 == .prompt || video.factor(of: $0) != nil || audio.factor(of: $0) != nil
        }
    }

    /// Refuses blocks that are not there, and a perturbation of nothing.
    func check(blockCount: Int) throws(ModelInputError) {
        guard video.perturbation != 0 || audio.perturbation != 0 else { return }
        guard !perturbedBlocks.isEmpty else {
            throw ModelInputError(
                "guidance: perturbation (STG) is \(video.perturbation) and \(audio.perturbation) without "
                    + "a block, should name one from 0 to \(blockCount - 1); name blocks or set it to 0"
            )
        }
        let wrong = perturbedBlocks.filter { !(0..<blockCount).contains($0) }.sorted()
        guard wrong.isEmpty else {
            throw ModelInputError(
                "guidance: perturbation (STG) of blocks \(wrong), the model has 0 to \(blockCount - 1); "
                    + "name blocks among these"
            )
        }
    }
}
