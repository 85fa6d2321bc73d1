internal import ClipCache

/// What a run will train on, decided before anything is decoded.
public struct ClipPlan: Sendable, Equatable {
    /// The datasets, as the run file numbers them.
    public let datasets: [DatasetRules]
    /// What is trained on, by dataset, resolution, clip, window and flip; repeats are not unrolled.
    public let items: [PlannedItem]
    /// What is not used, and why.
    public let refused: [RefusedFile]
    /// What a maker should know about clips that are used.
    public let notes: [NotedClip]
    /// What a maker should know about the datasets.
    public let remarks: [String]

    /// A note and the clip it is about.
    public struct NotedClip: Sendable, Equatable {
        /// How messages name the file.
        public let name: String
        /// What is to be known.
        public let note: ClipNote
    }

    /// Decides for every clip which windows are taken, at which sizes.
    ///
    /// - Parameters:
    ///   - indexes: the datasets' clips, as the run file numbers them.
    ///   - factors: how pixels and seconds become latents.
    ///   - seed: for crops at random; the same seed gives the same crops.
    /// - Throws: `.noClips` naming each dataset in which nothing can be used.
    public init(
        _ indexes: [ClipIndex],
        factors: LatentFactors = LatentFactors(),
        seed: UInt64 = 0
    ) throws(ClipDataError) {
        var draft = PlanDraft(factors: factors, seed: seed)
        for (number, index) in indexes.enumerated() {
            try draft.add(index, number: number)
        }
        datasets = indexes.map(\.rules)
        items = draft.items
        refused = draft.refused
        notes = draft.notes
        remarks = draft.remarks
    }
}

/// A plan while it grows, dataset by dataset.
struct PlanDraft {
    let factors: LatentFactors
    let seed: UInt64
    var items: [PlannedItem] = []
    var refused: [RefusedFile] = []
    var notes: [ClipPlan.NotedClip] = []
    var remarks: [String] = []

    init(factors: LatentFactors, seed: UInt64) {
        self.factors = factors
        self.seed = seed
    }

    mutating func add(_ index: ClipIndex, number: Int) throws(ClipDataError) {
        let before = items.count
        refused += index.refused
        remarks += index.remarks
        let cuts = index.clips.compactMap { clip in cut(clip, rules: index.rules) }
        for resolution in index.rules.resolutions {
            for (clip, windows) in cuts {
                let size = ItemSize(clip: clip, resolution: resolution, rules: index.rules)
                add(
                    clip,
                    windows: windows,
                    bucket: bucket(size),
                    rules: index.rules,
                    number: number
                )
            }
        }
        guard items.count > before else { throw index.nothingUsable(refused: refused) }
    }

    /// Cuts a clip, notes what is to be noted; `nil` if the clip is refused.
    private mutating func cut(_ clip: Clip, rules: DatasetRules) -> (Clip, [Window])? {
        let choice =
            clip.facts.isImage
            ? WindowChoice(windows: [rules.windows.still], notes: [])
            : rules.windows.windows(for: clip.facts)
        if let refusal = choice.refusal {
            refused.append(RefusedFile(name: clip.name, reason: refusal))
            return nil
        }
        let found = choice.notes + clip.facts.notes(wantsSound: rules.wantsSound)
        notes += found.map { ClipPlan.NotedClip(name: clip.name, note: $0) }
        return (clip, choice.windows)
    }

    private mutating func bucket(_ size: ItemSize) -> Bucket {
        let bucket = size.bucket(divisor: factors.space, seed: seed)
        let enlargement = bucket.enlargement * size.rules.scale
        if enlargement > 1.02 {
            notes.append(ClipPlan.NotedClip(name: size.clip.name, note: .enlarged(enlargement)))
        }
        return bucket
    }

    private mutating func add(
        _ clip: Clip,
        windows: [Window],
        bucket: Bucket,
        rules: DatasetRules,
        number: Int
    ) {
        for window in windows {
            for (flipX, flipY) in rules.flips {
                items.append(
                    PlannedItem(
                        clip: clip,
                        dataset: number,
                        window: window,
                        bucket: bucket,
                        flipX: flipX,
                        flipY: flipY,
                        latentShape: factors.videoShape(
                            frames: window.frameCount,
                            width: bucket.width,
                            height: bucket.height
                        ),
                        audio: audio(of: clip, window: window, rules: rules),
                        needsFirstFrame: !clip.facts.isImage && rules.imageToVideoProbability > 0
                    )
                )
            }
        }
    }

    /// Sound is asked of every video of a set with sound, even of one without: the answer is kept.
    private func audio(of clip: Clip, window: Window, rules: DatasetRules) -> AudioRequest? {
        guard rules.wantsSound, !clip.facts.isImage else { return nil }
        return AudioRequest(
            latentCount: factors.audioCount(frames: window.frameCount, fps: window.rate),
            normalizes: rules.normalizesSound
        )
    }
}
