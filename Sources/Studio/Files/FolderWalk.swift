import CDispatch
import Foundation
import Glibc

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
        guard depth <= Self.depth, left > 0, let listing = opendir(folder) else { return }
        var (files, folders) = ([String](), [String]())
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            left -= 1
            switch Self.kind(entry.pointee.d_type, "\(folder)/\(name)") {
            case DT_DIR: folders.append("\(folder)/\(name)")
            case DT_REG: files.append(name)
            default: break
            }
        }
        closedir(listing)
        body(folder, files.sorted())
        for path in folders.sorted() where !path.hasSuffix("_cache") {
            visit(path, depth: depth + 1, &left, body)
        }
    }

    /// As the listing says; some file systems leave it to be asked for.
    private static func kind(_ told: UInt8, _ path: String) -> Int {
        guard Int(told) == DT_UNKNOWN else { return Int(told) }
        let type =
            try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        return type == .typeDirectory ? DT_DIR : type == .typeRegular ? DT_REG : DT_UNKNOWN
    }
}
