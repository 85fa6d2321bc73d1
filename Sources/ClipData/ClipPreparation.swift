internal import ClipCache
internal import Media

/// Fills the cache with everything that a plan needs, and accounts for all of it.
///
/// Entries that are whole are kept, all others are decoded, encoded and stored, one by one: what
/// is stored when a run is stopped is there for the next.
public struct ClipPreparation {
    /// How many windows are decoded ahead of the one that is being encoded.
    private static let depth = 2

    private let plan: ClipPlan
    private let allowsFailedSound: Bool
    private let trace: PreparationTrace

    /// Prepares a plan.
    ///
    /// - Parameters:
    ///   - plan: what must be in the cache.
    ///   - allowsFailedSound: whether clips whose sound cannot be decoded are trained without it:
    ///     only where the run file says `strict_audio_mode: false` in so many words.
    ///   - trace: is told when what was done.
    public init(
        _ plan: ClipPlan,
        allowsFailedSound: Bool = false,
        trace: PreparationTrace = PreparationTrace()
    ) {
        self.plan = plan
        self.allowsFailedSound = allowsFailedSound
        self.trace = trace
    }

    /// Encodes what is not in the cache; decoding runs ahead on another thread.
    ///
    /// - Parameters:
    ///   - encoder: called on this thread only.
    ///   - isCancelled: asked before each window.
    ///   - progress: told before each window that is encoded: its number from 1, how many there
    ///     are, and its clip.
    /// - Returns: how many windows ended how.
    /// - Throws: `PreparationError` with all failed clips after the rest is cached; `.interrupted`
    ///   if cancelled; what the encoder or the cache throws.
    public func run(
        encoder: any ClipEncoder,
        isCancelled: () -> Bool = { false },
        progress: (_ number: Int, _ total: Int, _ clip: String) -> Void = { _, _, _ in }
    ) throws -> PreparationReport {
        var report = PreparationReport()
        let missing = itemsToEncode(encoder.fingerprint, report: &report)
        let decoder = ItemDecoder(soundRate: encoder.soundRate, trace: trace)
        let decoded = LookAhead(Array(missing.enumerated()), depth: Self.depth) {
            decoder.decode($0.element, number: $0.offset)
        }
        defer { decoded.stop() }
        for (index, item) in missing.enumerated() {
            if isCancelled() { throw interrupted(done: index, total: missing.count) }
            progress(index + 1, missing.count, item.clip.name)
            let next = trace.measure(.waitingForClip, of: index) { decoded.next() }
            guard let result = next else { break }
            let work = ItemEncoder(item: item, number: index, encoder: encoder, trace: trace)
            try store(result, work, report: &report)
        }
        let isFailed = !report.failedWindows.isEmpty || !report.failedSounds.isEmpty
        let isAllowed = report.failedWindows.isEmpty && allowsFailedSound
        guard !isFailed || isAllowed else { throw PreparationError(report: report) }
        return report
    }

    /// Counts what is cached and returns the rest; items that share an entry come once.
    private func itemsToEncode(
        _ fingerprint: String,
        report: inout PreparationReport
    ) -> [PlannedItem] {
        var seen: Set<String> = []
        return plan.items.filter { item in
            let key = item.cacheKey(encoderFingerprint: fingerprint)
            guard seen.insert(item.cache.path(for: key)).inserted else { return false }
            switch item.cache.load(key, needs: item.needs) {
            case .hit(let clip):
                report.count(
                    item.audio == nil ? .unread : clip.audioStatus,
                    of: item.clip.name,
                    cached: true
                )
                return false
            case .miss: break
            case .stale(let reason), .broken(let reason):
                report.remade.append(ClipFailure(name: item.clip.name, reason: reason))
            }
            return true
        }
    }

    private func store(
        _ result: Result<DecodedItem, any Error>,
        _ work: ItemEncoder,
        report: inout PreparationReport
    ) throws {
        let (item, encoder) = (work.item, work.encoder)
        switch result {
        case .failure(let error):
            report.failedWindows.append(ClipFailure(name: item.clip.name, reason: "\(error)"))
        case .success(let decoded):
            if case .failed(let reason) = decoded.sound {
                report.failedSounds.append(ClipFailure(name: item.clip.name, reason: reason))
            }
            let clip = try work.encode(decoded)
            let key = item.cacheKey(encoderFingerprint: encoder.fingerprint)
            try trace.measure(.storing, of: work.number) {
                try item.cache.store(
                    clip,
                    for: key,
                    audio: item.audio,
                    checkpoint: encoder.origin
                )
            }
            report.count(clip.audioStatus, of: item.clip.name, cached: false)
        }
    }

    private func interrupted(done: Int, total: Int) -> ClipDataError {
        ClipDataError(
            .interrupted,
            at: "latent caching",
            "was stopped after \(done) of \(total) windows, should encode all",
            fix: "start the run again: it goes on from there"
        )
    }
}
