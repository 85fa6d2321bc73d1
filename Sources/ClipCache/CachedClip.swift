import Foundation

/// An entry together with what it says of itself: what it is the encoding of, and by which weights.
public struct CachedClip: Sendable {
    /// The latents.
    public let clip: EncodedClip
    /// What they are the encoding of.
    public let key: CacheKey
    /// The checkpoint that encoded them.
    public let checkpoint: String

    static let originFact = "origin"

    /// What is written into the file's header for it.
    struct Origin: Codable {
        let key: CacheKey
        let checkpoint: String

        init(_ key: CacheKey, _ checkpoint: String) {
            self.key = key
            self.checkpoint = checkpoint
        }

        var text: String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            // Strings and finite numbers can always be encoded.
            guard let data = try? encoder.encode(self) else { return "" }
            return String(decoding: data, as: UTF8.self)
        }
    }

    /// Reads the file of an entry.
    ///
    /// - Throws: if it is damaged, no entry of latents, or does not say what it was made from.
    public init(path: String) throws(CacheError) {
        let answer = CacheFile.read(
            path,
            kind: LatentCache.kind,
            schema: CacheKey.schema,
            key: nil
        )
        switch answer {
        case .miss:
            throw CacheError(
                place: path,
                problem: "is not there, should be an entry of a \(LatentCache.folderName) folder",
                fix: "encode the clips first: likeness cache run.yaml"
            )
        case .stale(let reason), .broken(let reason): throw Self.unusable(path, reason)
        case .hit(let file): try self.init(file, path: path)
        }
    }

    private init(_ file: CacheFile, path: String) throws(CacheError) {
        let answer = EncodedClip.answer(from: file, needs: CacheNeeds())
        guard case .hit(let clip) = answer else {
            throw Self.unusable(path, "facts or latents are missing or malformed")
        }
        let text = file.facts[Self.originFact] ?? ""
        guard let origin = try? JSONDecoder().decode(Origin.self, from: Data(text.utf8)) else {
            throw Self.unusable(path, "does not say which window of its clip it is")
        }
        self.clip = clip
        key = origin.key
        checkpoint = origin.checkpoint
    }

    private static func unusable(_ path: String, _ problem: String) -> CacheError {
        CacheError(
            place: path,
            problem: "\(problem), should be a whole entry of this version",
            fix: "delete it and encode the clip again: likeness cache run.yaml"
        )
    }
}

extension LatentCache {
    /// The entries of a clip, by the name of its file, one for each window and way of encoding.
    ///
    /// - Parameter path: the clip, whose bytes are not looked at.
    /// - Returns: paths.
    public static func entries(ofClip path: String) -> [String] {
        let folder = (path as NSString).deletingLastPathComponent
        let cache = LatentCache(besideClipsIn: folder.isEmpty ? "." : folder).folder
        let stem = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
        let names = (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []
        return names.filter { name in
            // `<stem>_<16 hex>.safetensors`, and no longer stem that begins alike.
            let kept = String(decoding: stem.utf8.prefix(180), as: UTF8.self)
            return name.hasPrefix(kept + "_")
                && name.dropFirst(kept.count + 1).wholeMatch(of: #/[0-9a-f]{16}\.safetensors/#)
                    != nil
        }.sorted().map { "\(cache)/\($0)" }
    }
}
