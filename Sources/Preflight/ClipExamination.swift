import ClipCache
import ClipData
import Foundation
import Media

/// A clip with what a page shows of it.
public struct ExaminedClip: Sendable {
    /// Where the file lies; names may repeat between datasets.
    let path: String
    /// SHA-256 of its bytes.
    let contentHash: String
    /// What was found.
    public var review: ClipReview
    /// A picture from the middle of its first window, as PNG.
    public var thumbnail: [UInt8]?
    /// Lowest and highest samples over time.
    public var envelope: [ClosedRange<Float>] = []
    /// Power by time and frequency, in dB.
    public var spectrogram: [[Float]] = []
}

/// Looks into one clip of a plan: streams from the plan, sound and a picture from the file.
struct ClipExamination: Sendable {
    /// Everything the plan makes of the clip, one item at least.
    let items: [PlannedItem]
    let role: ClipReview.Role
    let notes: [String]
    let limits: CheckThresholds
    /// Whether pictures are wanted for a page.
    let draws: Bool

    private static let thumbnailWidth = 256

    /// Never throws: what cannot be decoded is a remark.
    func examine() -> ExaminedClip? {
        guard let first = items.first else { return nil }
        var found = ExaminedClip(
            path: first.clip.path,
            contentHash: first.clip.contentHash,
            review: review(first)
        )
        do {
            let reader = try ClipReader(path: first.clip.path)
            found.review.pictureCodec = reader.info.video?.codec
            found.review.soundCodec = reader.info.audio?.codec
            SoundExamination(reader: reader, needsWhole: normalizes, draws: draws).listen(
                to: &found
            )
            try look(first, reader, &found)
        } catch {
            found.review.pictureProblem = "\(error)"
        }
        found.review.remarks = ClipRemarks(limits: limits).remarks(on: found.review)
        return found
    }

    /// Whether training reads the whole clip for its loudest moment.
    private var normalizes: Bool { items.contains { $0.audio?.normalizes == true } }

    private func review(_ item: PlannedItem) -> ClipReview {
        let (clip, facts) = (item.clip, item.clip.facts)
        var review = ClipReview(
            name: clip.name,
            width: facts.width,
            height: facts.height,
            fps: facts.isImage ? 0 : facts.frameRate,
            seconds: facts.seconds,
            isImage: facts.isImage,
            channels: facts.channels,
            wantsSound: items.contains { $0.audio != nil },
            caption: CaptionReview(
                raw: clip.caption.raw,
                full: clip.caption.full,
                trigger: clip.caption.trigger
            ),
            windows: items.filter { !$0.flipX && !$0.flipY }.map(WindowReview.init)
        )
        review.role = role
        review.notes = notes
        return review
    }

    private func look(
        _ item: PlannedItem,
        _ reader: ClipReader,
        _ found: inout ExaminedClip
    ) throws {
        let (shown, review) = (Self.thumbnailWidth, found.review)
        let width = min(shown, review.width)
        let height = max(1, width * review.height / max(review.width, 1))
        let size = FrameGeometry(
            scaledWidth: width,
            scaledHeight: height,
            cropX: 0,
            cropY: 0,
            cropWidth: width,
            cropHeight: height
        )
        let middle = item.window.frameTimes[item.window.frameTimes.count / 2]
        let picture = try reader.frames(at: [middle], geometry: size)
        if draws { found.thumbnail = try PictureEncoder.png(picture) }
    }
}
