import Adapters
import LTXModel
import RunConfig
import TrainingRun

/// What speaks for and against the face.
extension RunRemarks {
    /// Whether adapters write the picture and its loss counts.
    var learnsFace: Bool {
        plan.file.train.videoLossMultiplier > 0 && adapts { !$0.writesAudio }
    }

    /// Whether any layer of such a pathway gets an adapter, if it has sound to learn from.
    func adapts(_ isMeant: (Pathway) -> Bool) -> Bool {
        var rules = plan.rules
        rules.includesAudio = true
        guard let transformer = plan.transformer else {
            return rules.pathways?.contains(where: isMeant) ?? true
        }
        return transformer.blockLinearShapes.contains {
            isMeant(Pathway($0.path)) && rules.accept($0.path)
        }
    }

    var faces: [Remark] {
        guard learnsFace else { return [] }
        return damaged + [amountOfClips]
    }

    private var damaged: [Remark] {
        let names = clips.filter { $0.pictureProblem != nil }.map(\.name)
        guard !names.isEmpty else { return [] }
        return [
            Remark(
                .run,
                .no,
                "pictures cannot be decoded in \(names.listed): training would stop before its first step; "
                    + "remove or repair them"
            )
        ]
    }

    private var amountOfClips: Remark {
        let usable = clips.filter { $0.face != .no && $0.duplicateOf == nil }.count
        guard usable > 0 else {
            return Remark(.face, .no, "no clip can be used; add clips that show the character")
        }
        let show = usable == 1 ? "1 clip shows it" : "\(usable) clips show it"
        guard usable < limits.enoughClips else { return Remark(.face, .yes, show) }
        return Remark(
            .face,
            usable < limits.fewClips ? .doubtful : .yes,
            "\(show); 20 to 50 are reported to work, from many sides and in many lights"
        )
    }
}

extension [String] {
    /// The first three, and how many more there are.
    var listed: String {
        prefix(3).joined(separator: ", ") + (count > 3 ? " and \(count - 3) more" : "")
    }
}
