import ClipData
import Foundation
import Media
import SoundAnalysis

/// A clip with what a page shows of it.
public struct ExaminedClip: Sendable {
    /// What was found.
    public var review: ClipReview
    /// A picture from its middle, as PNG.
    public var thumbnail: [UInt8]?
    /// Lowest and highest samples over time.
    public var envelope: [ClosedRange<Float>] = []
    /// Power by time and frequency, in dB.
    public var spectrogram: [[Float]] = []
}

/// Looks into one clip of a plan: streams from the plan, sound and a picture from the file.
struct ClipExamination: Sendable {
    let items: [PlannedItem]
    let limits: CheckThresholds
    /// Whether pictures are wanted for a page.
    let draws: Bool

    private static let thumbnailWidth = 256

    /// Never throws: what cannot be decoded is a remark.
    func examine() -> ExaminedClip? {
        guard let first = items.first else { return nil }
        var found = ExaminedClip(review: review(first))
        do {
            let reader = try ClipReader(path: first.clip.path)
            listen(reader, &found)
            try look(reader, &found)
        } catch {
            found.review.pictureProblem = "\(error)"
        }
        found.review.remarks = ClipRemarks(limits: limits).remarks(on: found.review)
        return found
    }

    private func review(_ item: PlannedItem) -> ClipReview {
        let (clip, facts) = (item.clip, item.clip.facts)
        return ClipReview(
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
    }

    /// The whole clip at its own rate: what is measured is what was recorded.
    private func listen(_ reader: ClipReader, _ found: inout ExaminedClip) {
        guard let audio = reader.info.audio, found.review.seconds > 0 else { return }
        let rate = min(max(audio.sampleRate, 8000), 48000)
        do {
            let sound = try reader.sound(
                from: 0,
                duration: found.review.seconds,
                sampleRate: rate
            )
            guard case .sound(let waveform) = sound else { return }
            found.review.sound = SoundAnalysis.measure(
                audio.channels == 1
                    ? Waveform(sampleRate: rate, samples: [waveform.samples[0]]) : waveform
            )
            guard draws else { return }
            found.envelope = SoundAnalysis.envelope(waveform, count: 240)
            found.spectrogram = SoundAnalysis.spectrogram(waveform, columns: 240, bins: 64)
        } catch {
            found.review.soundProblem = "\(error)"
        }
    }

    private func look(_ reader: ClipReader, _ found: inout ExaminedClip) throws {
        guard draws else { return }
        let review = found.review
        let width = min(Self.thumbnailWidth, review.width)
        let height = max(1, width * review.height / max(review.width, 1))
        let size = FrameGeometry(
            scaledWidth: width,
            scaledHeight: height,
            cropX: 0,
            cropY: 0,
            cropWidth: width,
            cropHeight: height
        )
        let middle = items[0].window.frameTimes[items[0].window.frameTimes.count / 2]
        found.thumbnail = try PictureEncoder.png(reader.frames(at: [middle], geometry: size))
    }
}
