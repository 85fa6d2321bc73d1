import Foundation
import Media
import RunFiles

/// Folders below the roots that hold clips.
struct DatasetFolders {
    struct Entry: Encodable {
        let path: String
        let name: String
        let clips: Int
        let withCaption: Int
        /// Clips with sound, and how long all are; nil where there was no time yet to read all of them.
        let withSound: Int?
        let seconds: Double?
        let bytes: Int
        let cover: String?
    }

    /// How long a list may take to read clips that were not read before.
    private static let patience = Duration.seconds(1)

    let roots: Roots
    let probes: ClipProbes
    private let deadline = ContinuousClock.now + patience

    init(roots: Roots, probes: ClipProbes) {
        self.roots = roots
        self.probes = probes
    }

    /// All of them, by path.
    func all() -> [Entry] {
        var found: [Entry] = []
        FolderWalk(roots: roots).visit { folder, files in
            guard !Self.holdsPreviews(folder) else { return }
            if let entry = entry(folder, files) { found.append(entry) }
        }
        return found
    }

    /// Whether a folder is a run's own, beside its metrics.
    private static func holdsPreviews(_ folder: String) -> Bool {
        guard folder.hasSuffix("/samples") else { return false }
        let run = (folder as NSString).deletingLastPathComponent
        return FileManager.default.fileExists(atPath: RunFolder(path: run, name: "").metrics)
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
        let infos = clips.compactMap { probes.probe("\(folder)/\($0)", until: deadline) }
        let isWhole = infos.count == clips.count
        return Entry(
            path: address,
            name: (folder as NSString).lastPathComponent,
            clips: clips.count,
            withCaption: clips.count {
                captions.contains(($0 as NSString).deletingPathExtension + ".txt")
            },
            withSound: isWhole ? infos.count { $0.audio != nil } : nil,
            seconds: isWhole ? infos.reduce(0) { $0 + $1.duration } : nil,
            bytes: sizes.reduce(0, +),
            cover: clips.first.map { "\(address)/\($0)" }
        )
    }
}
