/// How strongly an adapter acts, by the part of the model: 1 is as it was trained, 0 is not at all.
///
/// The five numbers are those of ComfyUI's loaders for LTX-2. Layers outside the blocks and those of the
/// connectors count as `other`.
public struct PathwayStrengths: Equatable, Sendable {
    /// Attentions and feed-forward of the picture.
    public var video = 1.0
    /// Attentions and feed-forward of the sound.
    public var audio = 1.0
    /// The attention by which the picture hears the sound.
    public var audioToVideo = 1.0
    /// The attention by which the sound sees the picture.
    public var videoToAudio = 1.0
    /// Everything else: layers around the blocks, connectors.
    public var other = 1.0

    /// As it was trained.
    public static let whole = PathwayStrengths()

    /// One strength for everything.
    public init(_ all: Double = 1) { self[Self.names] = all }

    /// The strength of a layer's adapter; `path` is the layer's name in the checkpoint.
    public func strength(of path: String) -> Double {
        guard path.hasPrefix("transformer_blocks.") else { return other }
        switch Pathway(path) {
        case .video: return video
        case .audio: return audio
        case .audioToVideo: return audioToVideo
        case .videoToAudio: return videoToAudio
        case .videoConnector, .audioConnector, .other: return other
        }
    }
}

extension PathwayStrengths {
    private static let fields: [String: any WritableKeyPath<Self, Double> & Sendable] = [
        "video": \.video, "audio": \.audio, "audio_to_video": \.audioToVideo,
        "video_to_audio": \.videoToAudio, "other": \.other,
    ]

    /// The five names, as people write them.
    public static let names = ["video", "audio", "audio_to_video", "video_to_audio", "other"]

    /// What several of them are together.
    static let groups = [
        "face": ["video", "audio_to_video"], "voice": ["audio", "video_to_audio"],
    ]

    fileprivate subscript(names: [String]) -> Double {
        get { names.first.flatMap { Self.fields[$0] }.map { self[keyPath: $0] } ?? 0 }
        set {
            for name in names {
                if let field = Self.fields[name] { self[keyPath: field] = newValue }
            }
        }
    }

    /// Reads `0.8`, `face=1,voice=0.5`, or a number for all and others behind it: `0.5,voice=1`.
    ///
    /// What is not named stays 1, or as the number says.
    ///
    /// - Throws: `AdapterChoiceError` for unknown names and for what is no number; `place` says where the
    ///   text stands.
    public init(parsing text: String, at place: String) throws(AdapterChoiceError) {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = sides.count == 2 ? sides[0].filter { $0 != " " } : nil
            let names = name.map { Self.groups[$0] ?? [$0] } ?? Self.names
            if let unknown = names.first(where: { Self.fields[$0] == nil }) {
                throw .unknownName(place, unknown)
            }
            let written = (sides.last ?? "").filter { $0 != " " }
            guard let value = Double(written), value.isFinite else {
                throw .noNumber(place, name, written)
            }
            self[names] = value
        }
    }
}

extension PathwayStrengths: CustomStringConvertible {
    /// One number where all are equal, else each by its name; reads as `parsing` takes it.
    public var description: String {
        let values = Self.names.map { self[[$0]] }
        if Set(values).count == 1 { return "\(video)" }
        return zip(Self.names, values).map { "\($0)=\($1)" }.joined(separator: ",")
    }
}
