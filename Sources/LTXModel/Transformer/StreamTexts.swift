public import Torch

// Axes: B batch, S text tokens, D width of a stream's text.

/// The texts of both streams of a batch, or a loss's derivatives with respect to them.
public struct StreamTexts {
    /// Text of the video stream, `[B, S, D]`; nil where there is none.
    public var video: Tensor?
    /// Text of the audio stream, `[B, S, D]`; nil where there is none.
    public var audio: Tensor?

    /// Joins both texts.
    public init(video: Tensor? = nil, audio: Tensor? = nil) {
        self.video = video
        self.audio = audio
    }

    /// The texts that are there, video first.
    public var tensors: [Tensor] { [video, audio].compactMap(\.self) }

    /// Each text that is there, changed.
    public func map(_ body: (Tensor) throws -> Tensor?) rethrows -> StreamTexts {
        StreamTexts(video: try video.flatMap(body), audio: try audio.flatMap(body))
    }
}

extension TransformerInput {
    /// The texts of the modalities that are there.
    ///
    /// Setting leaves a text alone where the new one is nil.
    public var texts: StreamTexts {
        get { StreamTexts(video: video?.text, audio: audio?.text) }
        set {
            if let text = newValue.video { video?.text = text }
            if let text = newValue.audio { audio?.text = text }
        }
    }
}

extension BlockConditions {
    /// The texts as the blocks read them: in LTX-2.0 behind the projection inside the transformer.
    ///
    /// Setting leaves a text alone where the new one is nil.
    public var texts: StreamTexts {
        get { StreamTexts(video: video?.text, audio: audio?.text) }
        set {
            if let text = newValue.video { video?.text = text }
            if let text = newValue.audio { audio?.text = text }
        }
    }
}
