import Foundation
import Media

/// Folders below the roots that hold clips.
struct DatasetFolders {
    struct Entry: Encodable {
        let path: String
        let name: String
        let clips: Int
        let withCaption: Int
        let bytes: Int
        let cover: String?
    }

    let roots: Roots

    /// All of them, by path.
    func all() -> [Entry] {
        var found: [Entry] = []
        FolderWalk(roots: roots).visit { folder, files in
            if let entry = entry(folder, files) { found.append(entry) }
        }
        return found
    }

    /// A folder, with clips or without.
    func entry(at folder: String) -> Entry? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return entry(folder, names.sorted(), isNeeded: false)
    }

    /// Names of the clips in a folder; links count where they lead to what pages may see.
    static func clips(in folder: String, roots: Roots) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { name in
            guard !name.hasPrefix("."), MediaKind(path: name) != nil,
                let real = Roots.real("\(folder)/\(name)")
            else { return false }
            return PlainFile.isThere(real) && roots.contains(real)
        }.sorted()
    }

    private func entry(_ folder: String, _ files: [String], isNeeded: Bool = true) -> Entry? {
        let clips = files.filter { !$0.hasPrefix(".") && MediaKind(path: $0) != nil }
        guard !clips.isEmpty || !isNeeded, let address = roots.address(of: folder) else {
            return nil
        }
        let captions = Set(files.filter { $0.hasSuffix(".txt") })
        let sizes = clips.map { name in
            (try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.size] as? Int)
                ?? 0
        }
        return Entry(
            path: address,
            name: (folder as NSString).lastPathComponent,
            clips: clips.count,
            withCaption: clips.count {
                captions.contains(($0 as NSString).deletingPathExtension + ".txt")
            },
            bytes: sizes.reduce(0, +),
            cover: clips.first.map { "\(address)/\($0)" }
        )
    }
}
