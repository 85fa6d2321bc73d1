internal import ClipCache

/// What a plan comes to.
public struct ClipPlanTotals: Sendable, Equatable {
    /// Files that are used.
    public let clips: Int
    /// Videos with a sound stream in sets that want sound.
    public let clipsWithSound: Int
    /// Videos without one in such sets.
    public let clipsWithoutSound: Int
    /// Seconds of the clips' own time that have sound and lie in a window, each counted once.
    public let voiceSeconds: Double
    /// Items of one epoch, repeats included.
    public let itemsPerEpoch: Int
}

extension ClipPlan {
    /// The items as a sampler wants them, in the same order; alike for alike clips, wherever they
    /// lie.
    public var batchItems: [BatchItem] {
        items.map { item in
            let rules = datasets[item.dataset]
            return BatchItem(
                bucketKey: rules.batchKey(item),
                repeats: rules.repeats,
                isRegularisation: rules.isRegularisation,
                identity: "\(item.dataset) \(item.cacheKey(encoderFingerprint: "").digest)"
            )
        }
    }

    /// Adds everything up.
    public var totals: ClipPlanTotals {
        let videos = items.filter { $0.audio != nil }
        let withSound = videos.filter(\.clip.facts.hasSound)
        let voices = Dictionary(grouping: withSound, by: \.clip.path).values
        return ClipPlanTotals(
            clips: Set(items.map(\.clip.path)).count,
            clipsWithSound: voices.count,
            clipsWithoutSound: Set(videos.map(\.clip.path)).count - voices.count,
            voiceSeconds: voices.reduce(0) { $0 + Self.covered($1.map(\.window)) },
            itemsPerEpoch: items.reduce(0) { $0 + datasets[$1.dataset].repeats }
        )
    }

    /// Length of the union of windows, in seconds.
    private static func covered(_ windows: [Window]) -> Double {
        var end = 0.0
        return windows.sorted { $0.start < $1.start }.reduce(0) { sum, window in
            let from = max(end, window.start)
            end = max(end, window.start + window.seconds)
            return sum + max(0, end - from)
        }
    }
}

extension DatasetRules {
    /// What the items of a batch must share: size, length, rate (positions in time depend on it) and
    /// the strength of the adapters.
    fileprivate func batchKey(_ item: PlannedItem) -> String {
        let key = "\(item.bucketKey)@\(item.window.rate)"
        return networkWeight == 1 ? key : "\(key)*\(networkWeight)"
    }
}
