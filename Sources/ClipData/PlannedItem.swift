public import ClipCache

/// One thing to train on: a window of a clip at a size, perhaps mirrored.
public struct PlannedItem: Sendable, Equatable {
    /// The clip it is cut from.
    public let clip: Clip
    /// Number of its dataset in the run file.
    public let dataset: Int
    /// Where it lies in the clip; an image is a window of one picture.
    public let window: Window
    /// Its size, and how the picture gets there.
    public let bucket: Bucket
    /// Whether left and right are exchanged, in the picture and in the stereo field.
    public let flipX: Bool
    /// Whether top and bottom are exchanged.
    public let flipY: Bool
    /// Shape of its video latents, `[C, F, h, w]`.
    public let latentShape: [Int]
    /// How its sound is read; `nil` if sound is not wanted of it.
    public let audio: AudioRequest?
    /// Whether the first picture is encoded alone too.
    public let needsFirstFrame: Bool

    /// Size and length: only items that agree in it share a batch.
    public var bucketKey: String { "\(bucket.width)x\(bucket.height)x\(window.frameCount)" }

    /// What the cache must hold for it.
    public var needs: CacheNeeds { CacheNeeds(audio: audio, firstFrame: needsFirstFrame) }

    /// The cache beside its clip.
    public var cache: LatentCache { LatentCache(besideClipsIn: clip.folder) }

    /// Names its cache entry.
    ///
    /// - Parameter encoderFingerprint: what tells the encoders' weights apart.
    /// - Returns: a key that depends on the clip's bytes, not on where they lie.
    public func cacheKey(encoderFingerprint: String) -> CacheKey {
        CacheKey(
            stem: clip.stem,
            contentHash: clip.contentHash,
            start: window.start,
            seconds: window.seconds,
            frameTimes: window.frameTimes,
            fps: window.rate,
            geometry: CacheGeometry(
                scaledWidth: bucket.scaledWidth,
                scaledHeight: bucket.scaledHeight,
                cropX: bucket.cropX,
                cropY: bucket.cropY,
                width: bucket.width,
                height: bucket.height,
                flipX: flipX,
                flipY: flipY
            ),
            encoderFingerprint: encoderFingerprint
        )
    }
}
