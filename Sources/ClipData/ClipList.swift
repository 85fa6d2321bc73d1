import Foundation

/// An entry of a JSON list of clips.
private struct ListedClip: Decodable {
    let caption: String?
    let captionShort: String?

    enum CodingKeys: String, CodingKey {
        case caption
        case captionShort = "caption_short"
    }
}

extension DatasetRules {
    /// Reads `{"<path>": {"caption": "…", "caption_short": "…"}}`.
    ///
    /// Relative paths count from the list's own folder; where nothing lies there, from the current
    /// one, as ai-toolkit counts them.
    func listedFiles() throws(ClipDataError) -> [FoundFile] {
        let clips: [String: ListedClip]
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            clips = try JSONDecoder().decode([String: ListedClip].self, from: data)
        } catch {
            throw ClipDataError(
                .noDataset,
                at: place,
                "is not a list of clips, should be JSON like {\"a.mp4\": {\"caption\": \"...\"}}",
                fix: "correct the file, or name a folder"
            )
        }
        return clips.compactMap { name, clip in
            let short = usesShortCaptions ? clip.captionShort : nil
            return FoundFile(
                path: listedPath(name),
                name: name,
                listedCaption: short ?? clip.caption ?? ""
            )
        }
    }

    private func listedPath(_ name: String) -> String {
        guard !name.hasPrefix("/") else { return name }
        let folder = (path as NSString).deletingLastPathComponent
        let beside = (folder as NSString).appendingPathComponent(name)
        return FileManager.default.fileExists(atPath: beside) ? beside : name
    }
}
