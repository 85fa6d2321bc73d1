public import Torch

// Axes: S text tokens, N text tokens of the context, Dv and Da widths of the two streams' text.

/// The transformer's text input of one prompt.
public struct TextContext {
    /// Context of the video stream, `[1, N, Dv]`.
    public let video: Tensor
    /// Context of the audio stream, `[1, N, Da]`.
    public let audio: Tensor

    /// Joins the contexts of both streams.
    public init(video: Tensor, audio: Tensor) {
        self.video = video
        self.audio = audio
    }
}

/// Token numbers to text features: the heavy half of the text path, run once per prompt.
public final class TextFeatureExtractor {
    private let encoder: GemmaModel
    private let projection: TextProjection

    /// Joins a text encoder and the projection of a checkpoint.
    public init(encoder: GemmaModel, projection: TextProjection) {
        self.encoder = encoder
        self.projection = projection
    }

    /// Encodes one prompt, given as token numbers without padding.
    ///
    /// - Throws: if there are no tokens or one is not in the vocabulary.
    public func features(of tokens: [Int]) throws -> TextFeatures {
        let states = try encoder.hiddenStates([tokens])
        return try projection(states.map { $0.select(0, 0) })
    }
}

/// Text features to the transformer's context: the light half, run whenever it is needed.
public final class TextConnectors {
    /// Text tokens of a context in all released models.
    public static let contextLength = 1024

    /// What makes the context of the video stream.
    public let video: Connector
    /// What makes the context of the audio stream.
    public let audio: Connector

    /// Reads `video_embeddings_connector` and `audio_embeddings_connector` below the scope.
    public init(_ weights: WeightScope, _ configuration: TextConfiguration) {
        video = Connector(weights / "video_embeddings_connector", configuration.video)
        audio = Connector(weights / "audio_embeddings_connector", configuration.audio)
    }

    /// All linear layers of both connectors, video first: 24 in LTX-2.0, 112 in 2.3.
    public var linears: [Linear] { video.linears + audio.linears }

    /// Computes the contexts of one prompt.
    ///
    /// - Parameters:
    ///   - features: of the prompt, real tokens only.
    ///   - length: N.
    /// - Returns: both contexts, in the type of the connectors' weights.
    /// - Throws: if the prompt is longer than the context.
    public func context(
        of features: TextFeatures,
        length: Int = TextConnectors.contextLength
    ) throws -> TextContext {
        try TextContext(
            video: video(features.video, length: length),
            audio: audio(features.forAudio, length: length)
        )
    }
}
