import ClipCache
import ClipData

/// One window of a clip and what it becomes.
public struct WindowReview: Codable, Sendable, Equatable {
    /// Seconds after the first picture.
    public var start: Double
    /// Length in the clip, in seconds.
    public var seconds: Double
    /// Width, height and pictures: `672x384x81`.
    public var bucket: String
    /// Shape of its video latents, `[C, F, h, w]`.
    public var videoLatents: [Int]
    /// Number of its audio latents; 0 without sound.
    public var audioLatents: Int
    /// Its length when played over its length in the clip: 1 is real time.
    public var stretch: Double
    /// Its width over that of the clip before the crop: above 1 the picture is enlarged.
    public var enlargement: Double
}

extension WindowReview {
    init(_ item: PlannedItem) {
        start = item.window.start
        seconds = item.window.seconds
        bucket = item.bucketKey
        videoLatents = item.latentShape
        audioLatents = item.bringsSound ? item.audio?.latentCount ?? 0 : 0
        stretch = item.window.stretch
        enlargement = Double(item.bucket.scaledWidth) / Double(max(item.clip.facts.width, 1))
    }
}
