internal import ClipCache
internal import Media
import Synchronization

/// The pictures and the sound of a planned item, ready for the encoders.
struct DecodedItem: Sendable {
    enum Sound: Sendable {
        case unread
        case absent
        case silent
        case present(Waveform)
        case failed(String)
    }

    let frames: FrameBuffer
    let sound: Sound
}

/// Decodes planned items; pictures that fail are an error, sound that fails is an answer.
final class ItemDecoder: Sendable {
    private let soundRate: Int
    private let trace: PreparationTrace
    private let lastPeak = Mutex<(path: String, peak: Float)?>(nil)

    init(soundRate: Int, trace: PreparationTrace) {
        self.soundRate = soundRate
        self.trace = trace
    }

    /// Decodes an item, the `number`th that is encoded.
    func decode(_ item: PlannedItem, number: Int) -> Result<DecodedItem, any Error> {
        Result {
            let reader = try ClipReader(path: item.clip.path)
            let frames = try trace.measure(.decodingPictures, of: number) {
                try pictures(of: item, reader)
            }
            let heard = trace.measure(.decodingSound, of: number) { sound(of: item, reader) }
            return DecodedItem(frames: frames, sound: heard)
        }
    }

    private func pictures(of item: PlannedItem, _ reader: ClipReader) throws -> FrameBuffer {
        try reader.frames(at: item.window.frameTimes, geometry: item.geometry)
    }

    private func sound(of item: PlannedItem, _ reader: ClipReader) -> DecodedItem.Sound {
        guard let request = item.audio else { return .unread }
        do {
            switch try read(item.window, reader) {
            case .absent: return .absent
            case .silent: return .silent
            case .sound(let waveform):
                let gain = request.normalizes ? try fullScaleGain(of: item.clip, reader) : 1
                return .present(shaped(waveform, for: item, gain: gain))
            }
        } catch {
            return .failed("\(error)")
        }
    }

    /// Reads the window's sound; that of a stretched window at a rate that, played at the
    /// encoder's, lasts exactly as long as the pictures do.
    private func read(_ window: Window, _ reader: ClipReader) throws -> ClipSound {
        let rate = Int((Double(soundRate) * window.stretch).rounded())
        return try reader.sound(from: window.start, duration: window.seconds, sampleRate: rate)
    }

    /// Gives the sound its exact length and gain, and mirrors the stereo field with the picture.
    private func shaped(_ waveform: Waveform, for item: PlannedItem, gain: Float) -> Waveform {
        let count = Int((item.window.shownSeconds * Double(soundRate)).rounded())
        let channels = waveform.samples.map { samples in
            let kept = samples.prefix(count).map { $0 * gain }
            return kept + [Float](repeating: 0, count: count - kept.count)
        }
        return Waveform(
            sampleRate: soundRate,
            samples: item.flipX ? channels.reversed() : channels
        )
    }

    /// What raises the loudest moment of the whole clip to 0.999: a gain for each window would
    /// make a whisper as loud as a shout.
    private func fullScaleGain(of clip: Clip, _ reader: ClipReader) throws -> Float {
        let known = lastPeak.withLock { $0?.path == clip.path ? $0?.peak : nil }
        if let known { return 0.999 / known }
        let sound = try reader.sound(from: 0, duration: clip.facts.seconds, sampleRate: soundRate)
        guard case .sound(let waveform) = sound, waveform.peak > 0 else { return 1 }
        lastPeak.withLock { $0 = (clip.path, waveform.peak) }
        return 0.999 / waveform.peak
    }
}

extension PlannedItem {
    var geometry: FrameGeometry {
        FrameGeometry(
            scaledWidth: bucket.scaledWidth,
            scaledHeight: bucket.scaledHeight,
            cropX: bucket.cropX,
            cropY: bucket.cropY,
            cropWidth: bucket.width,
            cropHeight: bucket.height,
            flipX: flipX,
            flipY: flipY
        )
    }
}
