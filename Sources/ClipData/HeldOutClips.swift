/// Which clips are measured and never trained on.
public enum HeldOutRule: Sendable, Equatable {
    /// A share of the clips, above 0 and below 1.
    case share(Double)
    /// File names, with or without their ending, or paths.
    case named([String])
}

/// The clips of a run in two parts.
public struct ClipDivision: Sendable, Equatable {
    /// What is trained on.
    public var training: [ClipIndex]
    /// What is only measured.
    public var heldOut: [ClipIndex]

    /// Joins two parts that were found apart; what is held out is not trained on, whatever it is called.
    public init(training: [ClipIndex], heldOut: [ClipIndex]) {
        let hashes = Set(heldOut.flatMap { $0.clips.map(\.contentHash) })
        self.init(training, hashes: hashes)
        self.heldOut = heldOut
    }

    /// Divides the clips of all datasets but regularisation sets.
    ///
    /// A clip is held out with all its copies. Which clips a share takes depends on their bytes only, so
    /// that two runs on one set of clips can be compared; clips with and without sound give the same
    /// share, with sound one at least if there are two.
    ///
    /// - Throws: `.noClips` if a name fits no clip, or nothing is left to train on.
    public init(_ indexes: [ClipIndex], by rule: HeldOutRule) throws(ClipDataError) {
        switch rule {
        case .share(let share): self.init(indexes, hashes: Self.chosen(indexes, share))
        case .named(let names): self.init(indexes, hashes: try Self.named(names, in: indexes))
        }
        for index in training where index.clips.isEmpty {
            throw ClipDataError(
                .noClips,
                at: index.rules.label,
                "all of its clips are held out, should leave some to train on",
                fix: "hold out fewer clips"
            )
        }
    }

    private init(_ indexes: [ClipIndex], hashes: Set<String>) {
        func part(_ index: ClipIndex, isHeldOut: Bool) -> ClipIndex {
            var rules = index.rules
            if isHeldOut { rules.measuresOnly() }
            return ClipIndex(
                rules: rules,
                clips: index.clips.filter { hashes.contains($0.contentHash) == isHeldOut },
                refused: isHeldOut ? [] : index.refused,
                ignoredVideos: isHeldOut ? 0 : index.ignoredVideos
            )
        }
        training = indexes.map { $0.rules.isRegularisation ? $0 : part($0, isHeldOut: false) }
        heldOut = indexes.filter { !$0.rules.isRegularisation }
            .map { part($0, isHeldOut: true) }.filter { !$0.clips.isEmpty }
    }

    private static func chosen(_ indexes: [ClipIndex], _ share: Double) -> Set<String> {
        let clips = indexes.filter { !$0.rules.isRegularisation }.flatMap { index in
            index.clips.map {
                (hash: $0.contentHash, sounds: index.rules.wantsSound && $0.facts.hasSound)
            }
        }
        var chosen: Set<String> = []
        for sounds in [true, false] {
            let hashes = Set(clips.filter { $0.sounds == sounds }.map(\.hash)).sorted()
            guard hashes.count > 1 else { continue }
            let count = Int((share * Double(hashes.count)).rounded())
            chosen.formUnion(hashes.prefix(min(max(count, sounds ? 1 : 0), hashes.count - 1)))
        }
        return chosen
    }

    private static func named(
        _ names: [String],
        in indexes: [ClipIndex]
    ) throws(ClipDataError) -> Set<String> {
        let clips = indexes.flatMap(\.clips)
        var hashes: Set<String> = []
        for name in names {
            let found = clips.filter { $0.name == name || $0.stem == name || $0.path == name }
            guard !found.isEmpty else {
                throw ClipDataError(
                    .noClips,
                    at: "train.held_out",
                    "no clip is called \(name), should be one of the datasets' clips",
                    fix: "write its name as the plan shows it"
                )
            }
            hashes.formUnion(found.map(\.contentHash))
        }
        return hashes
    }
}

extension DatasetRules {
    /// Makes the rules those of a set that is measured: every clip once, as it is.
    public mutating func measuresOnly() {
        flipX = false
        flipY = false
        repeats = 1
        resolutions = Array(resolutions.prefix(1))
        captionVariation = CaptionVariation()
        imageToVideoProbability = 0
        cropsAtRandom = false
    }
}
