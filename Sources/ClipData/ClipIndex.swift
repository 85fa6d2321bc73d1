import Foundation

/// A file that was looked into: what it is, what is in it, and what is said about it.
public struct Clip: Sendable, Equatable {
    /// Where the file lies.
    public let path: String
    /// How messages name it: the path inside the dataset's folder.
    public let name: String
    /// SHA-256 of its bytes, in hex.
    public let contentHash: String
    /// What its streams are.
    public let facts: ClipFacts
    /// Its text.
    public let caption: Caption

    /// Names a clip.
    public init(
        path: String,
        name: String,
        contentHash: String,
        facts: ClipFacts,
        caption: Caption
    ) {
        self.path = path
        self.name = name
        self.contentHash = contentHash
        self.facts = facts
        self.caption = caption
    }

    /// The folder of the file; its caches lie in there.
    public var folder: String { (path as NSString).deletingLastPathComponent }
    /// The file's name without its ending.
    public var stem: String {
        ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    }
}

/// A file that is not used, and why.
public struct RefusedFile: Sendable, Equatable {
    /// How messages name the file.
    public let name: String
    /// What is wrong and what to do about it.
    public let reason: String
}

/// The clips of a dataset, in the order of their names.
public struct ClipIndex: Sendable, Equatable {
    /// What the dataset asks for.
    public let rules: DatasetRules
    /// The files that can be read.
    public let clips: [Clip]
    /// The files that cannot.
    public let refused: [RefusedFile]
    /// Number of videos in a set that asks for images only.
    public let ignoredVideos: Int

    /// Joins what was found.
    public init(
        rules: DatasetRules,
        clips: [Clip],
        refused: [RefusedFile] = [],
        ignoredVideos: Int = 0
    ) {
        self.rules = rules
        self.clips = clips
        self.refused = refused
        self.ignoredVideos = ignoredVideos
    }

    /// Finds, hashes and probes the files of a dataset, several at a time.
    ///
    /// - Parameters:
    ///   - rules: what the dataset asks for.
    ///   - probe: looks into a file; what it throws becomes the reason of a refusal.
    /// - Returns: all its files, those that cannot be read among the refused.
    /// - Throws: `.noDataset` if folder or list is absent or unreadable.
    public static func scan(
        _ rules: DatasetRules,
        probe: @escaping @Sendable (String) throws -> ClipFacts
    ) async throws -> ClipIndex {
        let found = try rules.findFiles()
        let wanted = found.filter { $0.isImage || rules.windows.isVideoSet }
        let hashes = HashIndex(folder: rules.homeFolder)
        let looks = await inParallel(wanted, atOnce: 4) { file in
            look(into: file, rules: rules, hashes: hashes, probe: probe)
        }
        hashes.save()
        return ClipIndex(
            rules: rules,
            clips: looks.compactMap { try? $0.get() },
            refused: looks.compactMap(\.refusal),
            ignoredVideos: found.count - wanted.count
        )
    }

    private static func look(
        into file: FoundFile,
        rules: DatasetRules,
        hashes: HashIndex,
        probe: (String) throws -> ClipFacts
    ) -> Result<Clip, Refusal> {
        do {
            let caption = try rules.caption(of: file)
            let facts = try probe(file.path)
            return .success(
                Clip(
                    path: file.path,
                    name: file.name,
                    contentHash: try hashes.hash(of: file.path),
                    facts: facts,
                    caption: caption
                )
            )
        } catch {
            return .failure(Refusal(file: RefusedFile(name: file.name, reason: "\(error)")))
        }
    }
}

private struct Refusal: Error {
    let file: RefusedFile
}

extension Result where Failure == Refusal {
    fileprivate var refusal: RefusedFile? {
        if case .failure(let failure) = self { failure.file } else { nil }
    }
}

extension DatasetRules {
    /// The folder that the dataset as a whole belongs to.
    public var homeFolder: String {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return exists && isFolder.boolValue ? path : (path as NSString).deletingLastPathComponent
    }
}

/// Runs `work` on every element, a few at once, and keeps their order.
private func inParallel<Input: Sendable, Output: Sendable>(
    _ inputs: [Input],
    atOnce limit: Int,
    _ work: @escaping @Sendable (Input) -> Output
) async -> [Output] {
    await withTaskGroup(of: (Int, Output).self) { group in
        var outputs: [(Int, Output)] = []
        for (index, input) in inputs.enumerated() {
            if index >= limit, let finished = await group.next() { outputs.append(finished) }
            group.addTask { (index, work(input)) }
        }
        for await finished in group { outputs.append(finished) }
        return outputs.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
