// C channels, F latent frames, h and w latent sides, T audio latents.

/// What is known about a window's sound.
///
/// Silence is an answer of its own: a muted track says as little about a voice as no track does,
/// so it is not trained on, but a maker should hear of it, and it need not be looked at again.
public enum AudioStatus: String, Sendable, CaseIterable {
    /// There is sound, and its latents are here.
    case present
    /// The file has no sound stream.
    case none
    /// There is a sound stream, and nothing can be heard in the window.
    case silent
    /// The sound stream could not be decoded.
    case failed
    /// Nobody asked for the sound when the entry was made.
    case unread
}

/// One window of a clip as latents, in single precision; captions are no part of it.
public struct EncodedClip: Sendable, Equatable {
    /// Video latents, normalised, `[C, F, h, w]`.
    public let video: FloatBuffer
    /// Latents of the first picture encoded alone, `[C, 1, h, w]`; `nil` if not asked for.
    public let firstFrame: FloatBuffer?
    /// Audio latents, normalised, `[T, C]`; here exactly when the status is `.present`.
    public let audio: FloatBuffer?
    /// What is known about the sound.
    public let audioStatus: AudioStatus
    /// Pictures per second that the model is told.
    public let fps: Double
    /// Number of pictures that were encoded, 8k + 1.
    public let pixelFrames: Int
    /// Width in pixels.
    public let width: Int
    /// Height in pixels.
    public let height: Int

    /// Joins the latents of a window.
    public init(
        video: FloatBuffer,
        firstFrame: FloatBuffer? = nil,
        audio: FloatBuffer? = nil,
        audioStatus: AudioStatus,
        fps: Double,
        pixelFrames: Int,
        width: Int,
        height: Int
    ) {
        self.video = video
        self.firstFrame = firstFrame
        self.audio = audio
        self.audioStatus = audioStatus
        self.fps = fps
        self.pixelFrames = pixelFrames
        self.width = width
        self.height = height
    }

    /// Why these latents cannot be trained on; `nil` if they can.
    var fault: String? {
        if video.shape.count != 4 {
            return "video latents are \(video.shape), should be [C, F, h, w]"
        }
        if let firstFrame, firstFrame.shape.count != 4 || firstFrame.shape[1] != 1 {
            return "first-frame latents are \(firstFrame.shape), should be [C, 1, h, w]"
        }
        if let audio, audio.shape.count != 2 {
            return "audio latents are \(audio.shape), should be [T, C]"
        }
        if (audio != nil) != (audioStatus == .present) {
            return "audio is \(audioStatus.rawValue), should be present exactly with latents"
        }
        let isFinite = [video, firstFrame, audio].compactMap(\.self).allSatisfy(\.isFinite)
        return isFinite ? nil : "latents hold NaN or infinity, should be finite"
    }
}
