import Foundation

/// What a run wants of an entry, beyond the key.
public struct CacheNeeds: Sendable, Equatable {
    /// How the sound must have been read; `nil` if the run does not use sound.
    public let audio: AudioRequest?
    /// Whether the first picture must have been encoded alone too.
    public let firstFrame: Bool

    /// Makes a question; without arguments any entry will do.
    public init(audio: AudioRequest? = nil, firstFrame: Bool = false) {
        self.audio = audio
        self.firstFrame = firstFrame
    }
}

/// How sound is read for an entry.
public struct AudioRequest: Sendable, Hashable {
    /// Number of audio latents of the window.
    public let latentCount: Int
    /// Whether the clip's loudest moment is raised to full scale.
    public let normalizes: Bool

    /// Names a way to read sound.
    public init(latentCount: Int, normalizes: Bool = false) {
        self.latentCount = latentCount
        self.normalizes = normalizes
    }

    var text: String { "\(latentCount) latents" + (normalizes ? ", normalized" : "") }
}

/// Encoded windows on disk, a file each, in single precision: latents are small, and rounding them
/// would be noise that is the same in every step.
///
/// Any number of processes may use one folder: a file appears whole or not at all, and whoever
/// comes last with the same key has made the same.
public struct LatentCache: Sendable {
    static let kind = "likeness-latents"
    /// Name of the folder beside the clips.
    public static let folderName = "_latent_cache"
    /// The folder with the entries.
    public let folder: String

    /// Uses a folder; it is made with the first entry.
    public init(folder: String) { self.folder = folder }

    /// Uses the `_latent_cache` folder that belongs to a folder of clips.
    public init(besideClipsIn clips: String) {
        folder = (clips as NSString).appendingPathComponent(Self.folderName)
    }

    /// Where the entry of a key lies, whether it exists or not.
    public func path(for key: CacheKey) -> String {
        (folder as NSString).appendingPathComponent(key.fileName)
    }

    /// Looks for an entry; never fails and never trusts a file that is not whole and ours.
    ///
    /// An entry is stale if sound is needed and it was not read or could not be decoded. A clip
    /// known to have no sound, or only silence, is a hit: there is nothing to look for again.
    public func load(_ key: CacheKey, needs: CacheNeeds = CacheNeeds()) -> CacheAnswer<EncodedClip>
    {
        let answer = CacheFile.read(
            path(for: key),
            kind: Self.kind,
            schema: CacheKey.schema,
            key: key.digest
        )
        switch answer {
        case .miss: return .miss
        case .stale(let reason): return .stale(reason)
        case .broken(let reason): return .broken(reason)
        case .hit(let file): return EncodedClip.answer(from: file, needs: needs)
        }
    }

    /// Writes an entry and brings it to disk; an older one of the same key is replaced at once.
    ///
    /// - Parameters:
    ///   - clip: the window's latents.
    ///   - key: what they are the encoding of.
    ///   - audio: how the sound was read, so that another way of reading is told apart.
    ///   - checkpoint: where the encoders came from, for people who look at the entry later.
    /// - Throws: if the latents are malformed or not finite, or the system refuses to write.
    public func store(
        _ clip: EncodedClip,
        for key: CacheKey,
        audio: AudioRequest? = nil,
        checkpoint: String = ""
    ) throws(CacheError) {
        let path = path(for: key)
        if let fault = clip.fault {
            throw CacheError(
                place: path,
                problem: fault,
                fix: "check the VAE weights (likeness verify); in reduced precision try float32"
            )
        }
        try clip.file(key: key, audio: audio, checkpoint: checkpoint).write(to: path)
    }
}
