import ClipCache
import ClipData
import LTXModel

/// The encoded windows of a plan, from the cache; kept in memory as far as there is room.
final class EncodedClips {
    let plan: ClipPlan
    private let fingerprint: String
    private var kept: [Int: EncodedClip] = [:]
    private var keptBytes = 0
    private let keptLimit = 2 << 30  // latents are small: most data sets stay in memory whole

    init(_ plan: ClipPlan, fingerprint: String) {
        self.plan = plan
        self.fingerprint = fingerprint
    }

    /// The latents of a planned item.
    ///
    /// - Throws: `ModelInputError` if its entry is gone since the caches were filled.
    func clip(_ number: Int) throws -> EncodedClip {
        if let clip = kept[number] { return clip }
        let item = plan.items[number]
        let key = item.cacheKey(encoderFingerprint: fingerprint)
        // Sound that failed is no obstacle here: whether that is allowed was decided before.
        let needs = CacheNeeds(firstFrame: item.needsFirstFrame)
        guard case .hit(let clip) = item.cache.load(key, needs: needs) else {
            throw ModelInputError(
                "\(item.cache.path(for: key)): is gone or damaged since the run began; "
                    + "go on with --resume, which makes it again"
            )
        }
        keep(clip, number)
        return clip
    }

    private func keep(_ clip: EncodedClip, _ number: Int) {
        let bytes = (clip.video.values.count + (clip.audio?.values.count ?? 0)) * 4
        guard keptBytes + bytes <= keptLimit else { return }
        kept[number] = clip
        keptBytes += bytes
    }
}
