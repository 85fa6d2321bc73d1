import Foundation
internal import Media

/// A file that may become a clip, before anybody looked inside.
public struct FoundFile: Sendable, Equatable {
    /// Where the file lies.
    public let path: String
    /// How messages name it: the path inside the dataset's folder.
    public let name: String
    /// Whether its ending is that of a still image.
    public let isImage: Bool
    /// The caption that a JSON list gives; `nil` where a text file lies beside the clip.
    let listedCaption: String?

    /// Names a file; `nil` if its ending is neither an image's nor a video's.
    init?(path: String, name: String, listedCaption: String? = nil) {
        guard let kind = MediaKind(path: path) else { return nil }
        self.path = path
        self.name = name
        self.listedCaption = listedCaption
        isImage = kind == .image
    }
}

extension DatasetRules {
    /// Finds the dataset's files, sorted by name.
    ///
    /// Folders are searched to any depth; what begins with a dot, control pictures and caches are
    /// passed over. A path that is no folder is read as a JSON list.
    ///
    /// - Throws: `.noDataset` if the path is absent or the list is malformed.
    public func findFiles() throws(ClipDataError) -> [FoundFile] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ClipDataError(
                .noDataset,
                at: place,
                "is not there, should be a folder of clips or a JSON list",
                fix: "correct folder_path"
            )
        }
        let files = isFolder.boolValue ? try files(in: path, prefix: "") : try listedFiles()
        return files.sorted { $0.name < $1.name }
    }

    private func files(in folder: String, prefix: String) throws(ClipDataError) -> [FoundFile] {
        var found: [FoundFile] = []
        for entry in try entries(of: folder) where !entry.hasPrefix(".") {
            let path = (folder as NSString).appendingPathComponent(entry)
            if isFolder(path) {
                guard !passedOver.contains(entry), !isLink(path) else { continue }
                found += try files(in: path, prefix: prefix + entry + "/")
            } else if let file = FoundFile(path: path, name: prefix + entry) {
                found.append(file)
            }
        }
        return found
    }

    private var passedOver: Set<String> { ["_controls", "_latent_cache", "_t_e_cache"] }

    private func entries(of folder: String) throws(ClipDataError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw ClipDataError(
                .noDataset,
                at: "\(label) \(folder)",
                "cannot be listed (\(error.localizedDescription)), should be readable",
                fix: "check its permissions"
            )
        }
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    /// Links to folders are not followed: one that points upwards would never end.
    private func isLink(_ path: String) -> Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    }
}
