public import Adapters

/// What a layer of an adapter is for, when files are split.
public enum LoRAShare: String, CaseIterable, Sendable {
    /// The picture's stream and what it hears of the sound.
    case face
    /// The sound's stream and what it sees of the picture.
    case voice
    /// Everything else: layers around the blocks, connectors.
    case joint

    /// The share of a pathway.
    public init(_ pathway: Pathway) {
        switch pathway {
        case .video, .audioToVideo: self = .face
        case .audio, .videoToAudio: self = .voice
        case .videoConnector, .audioConnector, .other: self = .joint
        }
    }
}

/// Takes an adapter apart into files of its face, its voice and the rest; together they are the whole.
public enum LoRASplit {
    /// A file that was written.
    public struct Part: Equatable, Sendable {
        /// What it is for.
        public let share: LoRAShare
        /// Where it is.
        public let path: String
        /// How many layers it has.
        public let layerCount: Int
    }

    /// The file of a share.
    public static func path(stem: String, _ share: LoRAShare) -> String {
        "\(stem)_\(share.rawValue).safetensors"
    }

    /// Writes the files of the shares that have layers: all appear or none.
    ///
    /// They are `STEM_face.safetensors`, `STEM_voice.safetensors` and `STEM_joint.safetensors`; tensors are
    /// copied byte by byte.
    @discardableResult
    public static func write(
        _ file: LoRAFile,
        stem: String,
        progress: @escaping LoRAProgress = { _, _ in }
    ) throws -> [Part] {
        let shares = LoRAShare.allCases.map { share in
            (share, file.parts { LoRAShare($0.pathway) == share })
        }.filter { !$0.1.isEmpty }
        for (share, _) in shares {
            try LoRAOutput.check(path(stem: stem, share), inputs: [file.path])
        }
        let writers = try shares.map { share, parts in
            var rewrite = LoRARewrite(metadata: file.metadata)
            rewrite.metadata["split_from"] = file.fileName
            rewrite.metadata["split_share"] = share.rawValue
            for (_, part) in parts { try rewrite.copy(part, of: file.file) }
            return try rewrite.begin(path(stem: stem, share), progress: progress)
        }
        for writer in writers { try writer.finish() }
        return shares.map { share, parts in
            Part(
                share: share,
                path: path(stem: stem, share),
                layerCount: Set(parts.map(\.0.path)).count
            )
        }
    }
}
