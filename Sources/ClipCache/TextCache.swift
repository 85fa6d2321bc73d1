import Foundation

// S text tokens, Dv and Da widths of the video and audio text features.

/// What the model gets to know of a prompt: features behind the projection, at real length.
///
/// They are kept in bfloat16 from the start, so that a first run and one that finds them in the
/// cache compute the same.
public struct EncodedText: Sendable, Equatable {
    /// Features for the video stream, `[S, Dv]`.
    public let video: BFloat16Buffer
    /// Features for the audio stream, `[S, Da]`; `nil` where both streams share the video's.
    public let audio: BFloat16Buffer?

    /// Joins the features of a prompt.
    public init(video: BFloat16Buffer, audio: BFloat16Buffer? = nil) {
        self.video = video
        self.audio = audio
    }

    /// Why these features cannot be used; `nil` if they can.
    var fault: String? {
        if video.shape.count != 2 { return "video features are \(video.shape), should be [S, Dv]" }
        if let audio, audio.shape.count != 2 || audio.shape[0] != video.shape[0] {
            return "audio features are \(audio.shape), should be [\(video.shape[0]), Da]"
        }
        let isFinite = video.isFinite && audio?.isFinite ?? true
        return isFinite ? nil : "features hold NaN or infinity, should be finite"
    }
}

/// What text features are the encoding of.
public struct TextKey: Sendable, Hashable {
    /// Raised whenever an older entry must not be read any more.
    public static let schema = 1

    /// The prompt, after trigger and dropout.
    public let prompt: String
    /// Fingerprint of the text encoder's weights.
    public let encoderFingerprint: String
    /// Fingerprint of the projection's weights.
    public let projectionFingerprint: String
    /// Fingerprint of the tokenizer's model.
    public let tokenizerFingerprint: String

    /// Names an entry.
    public init(
        prompt: String,
        encoderFingerprint: String,
        projectionFingerprint: String,
        tokenizerFingerprint: String
    ) {
        self.prompt = prompt
        self.encoderFingerprint = encoderFingerprint
        self.projectionFingerprint = projectionFingerprint
        self.tokenizerFingerprint = tokenizerFingerprint
    }

    /// SHA-256 over all fields, 64 hex digits.
    public var digest: String {
        Digest.hex(
            ofFields: [
                "schema": "\(Self.schema)",
                "prompt": prompt,
                "encoder": encoderFingerprint,
                "projection": projectionFingerprint,
                "tokenizer": tokenizerFingerprint,
            ]
        )
    }

    /// The entry's file name: clips with the same caption share it.
    public var fileName: String { "text_\(digest.prefix(16)).safetensors" }
}

/// Text features on disk, a file for each prompt.
public struct TextCache: Sendable {
    private static let kind = "likeness-text"
    /// Name of the folder beside the clips.
    public static let folderName = "_t_e_cache"
    /// The folder with the entries.
    public let folder: String

    /// Uses a folder; it is made with the first entry.
    public init(folder: String) { self.folder = folder }

    /// Uses the `_t_e_cache` folder that belongs to a folder of clips.
    public init(besideClipsIn clips: String) {
        folder = (clips as NSString).appendingPathComponent(Self.folderName)
    }

    /// Where the entry of a key lies, whether it exists or not.
    public func path(for key: TextKey) -> String {
        (folder as NSString).appendingPathComponent(key.fileName)
    }

    /// Looks for an entry; never fails and never trusts a file that is not whole and ours.
    public func load(_ key: TextKey) -> CacheAnswer<EncodedText> {
        let answer = CacheFile.read(
            path(for: key),
            kind: Self.kind,
            schema: TextKey.schema,
            key: key.digest
        )
        switch answer {
        case .miss: return .miss
        case .stale(let reason): return .stale(reason)
        case .broken(let reason): return .broken(reason)
        case .hit(let file): return Self.features(in: file)
        }
    }

    /// Writes an entry and brings it to disk.
    ///
    /// - Throws: if the features are malformed or not finite, or the system refuses to write.
    public func store(_ features: EncodedText, for key: TextKey) throws(CacheError) {
        let path = path(for: key)
        if let fault = features.fault {
            throw CacheError(
                place: path,
                problem: fault,
                fix: "check the text encoder's weights (likeness verify)"
            )
        }
        var tensors = [CacheTensor("video", features.video)]
        if let audio = features.audio { tensors.append(CacheTensor("audio", audio)) }
        let file = CacheFile(
            kind: Self.kind,
            schema: TextKey.schema,
            key: key.digest,
            facts: ["prompt": key.prompt],
            tensors: tensors
        )
        try file.write(to: path)
    }

    private static func features(in file: CacheFile) -> CacheAnswer<EncodedText> {
        guard let video = file.tensor("video")?.bfloats else {
            return .broken("the video features are missing or malformed")
        }
        let features = EncodedText(video: video, audio: file.tensor("audio")?.bfloats)
        return features.fault == nil ? .hit(features) : .broken("the features are malformed")
    }
}
