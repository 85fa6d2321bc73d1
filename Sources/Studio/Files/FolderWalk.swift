import Foundation

/// Files below the roots, without what nobody keeps clips or adapters in: hidden folders, links, the studio's own.
struct FolderWalk {
    /// Folders below folders at most.
    static let depth = 6
    /// Entries that are looked at, at most: a root may be somebody's whole disk.
    static let limit = 50_000

    let roots: Roots

    /// Calls `body` with each folder and the names of its files, root by root.
    func visit(_ body: (_ folder: String, _ files: [String]) -> Void) {
        var left = Self.limit
        for root in roots.folders.dropLast() { visit(root.path, depth: 0, &left, body) }
    }

    private func visit(
        _ folder: String,
        depth: Int,
        _ left: inout Int,
        _ body: (String, [String]) -> Void
    ) {
        guard depth <= Self.depth, left > 0,
            let entries = try? FileManager.default.contentsOfDirectory(
                at: URL(fileURLWithPath: folder),
                includingPropertiesForKeys: [.isDirectoryKey, .isRegularFileKey],
                options: [.skipsHiddenFiles]
            )
        else { return }
        left -= entries.count
        var (files, folders) = ([String](), [String]())
        for entry in entries {
            let kind = try? entry.resourceValues(forKeys: [.isDirectoryKey, .isRegularFileKey])
            if kind?.isDirectory == true { folders.append(entry.path) }
            if kind?.isRegularFile == true { files.append(entry.lastPathComponent) }
        }
        body(folder, files.sorted())
        for path in folders.sorted() where !path.hasSuffix("_cache") {
            visit(path, depth: depth + 1, &left, body)
        }
    }
}
