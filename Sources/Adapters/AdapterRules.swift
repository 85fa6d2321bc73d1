public import Torch

/// Which linear layers get an adapter, told by parts of their names.
public struct AdapterRules: Equatable, Sendable {
    /// A layer is skipped if its name contains any of these.
    public var ignoreIfContains: [String] = []
    /// If set, a layer must contain one of these.
    public var onlyIfContains: [String]?
    /// Whether the audio stream and the attentions between the streams get adapters.
    ///
    /// Without sound in the data they would be trained by the picture alone, and the voice would drift.
    public var includesAudio = true
    /// If set, only layers of these parts of the model get one.
    public var pathways: Set<Pathway>?

    /// Layers whose weight and bias have fewer values get none.
    public var leastParameters = 0

    /// Adapters everywhere.
    public init() {}

    /// Whether a layer gets an adapter.
    public func accept(layer: Linear) -> Bool {
        let (input, output) = (layer.inputCount, layer.outputCount)
        return accept(layer.path)
            && input * output + (layer.bias == nil ? 0 : output) >= leastParameters
    }

    /// Whether a layer's name contains a part, in ai-toolkit's spelling with dots or with `$$`.
    static func matches(_ path: String, _ part: String) -> Bool {
        let dotted = "transformer." + path
        return dotted.contains(part)
            || dotted.split(separator: ".").joined(separator: "$$").contains(part)
    }

    /// Whether a layer gets an adapter; `path` is its name in the checkpoint.
    public func accept(_ path: String) -> Bool {
        func contains(_ part: String) -> Bool { Self.matches(path, part) }
        let pathway = Pathway(path)
        if !includesAudio && pathway.involvesAudio { return false }
        if let pathways, !pathways.contains(pathway) { return false }
        if ignoreIfContains.contains(where: contains) { return false }
        return onlyIfContains?.contains(where: contains) ?? true
    }
}

/// The part of the model that a layer belongs to.
public enum Pathway: String, CaseIterable, Sendable {
    case video
    case audio
    case audioToVideo = "audio_to_video"
    case videoToAudio = "video_to_audio"
    case videoConnector = "video_connector"
    case audioConnector = "audio_connector"
    case other

    /// Tells it from a layer's name in any key dialect.
    public init(_ path: String) {
        if path.contains("audio_embeddings_connector") {
            self = .audioConnector
        } else if path.contains("video_embeddings_connector") {
            self = .videoConnector
        } else if path.contains("audio_to_video_attn") {
            self = .audioToVideo
        } else if path.contains("video_to_audio_attn") {
            self = .videoToAudio
        } else if path.contains("audio_") {
            self = .audio
        } else if path.contains("attn") || path.contains("ff.") {
            self = .video
        } else {
            self = .other
        }
    }

    /// Whether anything of it sees or makes sound.
    public var involvesAudio: Bool {
        self == .audioToVideo || writesAudio
    }

    /// Whether its output goes into the audio stream.
    public var writesAudio: Bool {
        self == .audio || self == .videoToAudio || self == .audioConnector
    }

    /// Whether it lies before the transformer, where texts become contexts.
    public var isConnector: Bool { self == .videoConnector || self == .audioConnector }
}
