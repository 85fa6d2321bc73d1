public import Torch

// Axes: B batch, T tokens of a stream, D width of a stream.

/// Hidden tokens of both streams between two blocks; a modality that is absent is nil.
public struct StreamState {
    /// Video tokens `[B, T, D]`.
    public var video: Tensor?
    /// Audio tokens `[B, T, D]`.
    public var audio: Tensor?

    /// Both streams.
    public init(video: Tensor?, audio: Tensor?) {
        self.video = video
        self.audio = audio
    }

    /// The streams that are there, video first.
    public var tensors: [Tensor] { [video, audio].compactMap(\.self) }

    /// The same streams with other tensors, in the order of `tensors`.
    public func replacing(_ tensors: [Tensor]) -> StreamState {
        var rest = tensors[...]
        return StreamState(
            video: video == nil ? nil : rest.popFirst(),
            audio: audio == nil ? nil : rest.popFirst()
        )
    }
}
