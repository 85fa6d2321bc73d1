import Foundation

/// Where deleted clips go: a hidden folder beside them, on the same disk, so that nothing is copied and nothing lost.
struct ClipBin {
    static let name = ".bin"

    /// Moves a clip and its caption there; what lies there under that name already stays.
    ///
    /// - Throws: Foundation's error where a file cannot be moved.
    static func take(_ clip: String) throws {
        let manager = FileManager.default
        let bin = (clip as NSString).deletingLastPathComponent + "/" + name
        try manager.createDirectory(atPath: bin, withIntermediateDirectories: true)
        for path in [clip, CaptionText(clip: clip).path] where manager.fileExists(atPath: path) {
            try manager.moveItem(atPath: path, toPath: free(path, in: bin))
        }
    }

    private static func free(_ path: String, in bin: String) -> String {
        let (file, ending) = (path as NSString, (path as NSString).pathExtension)
        let stem = (file.lastPathComponent as NSString).deletingPathExtension
        var (place, number) = ("\(bin)/\(file.lastPathComponent)", 2)
        while FileManager.default.fileExists(atPath: place) {
            place = "\(bin)/\(stem) \(number).\(ending)"
            number += 1
        }
        return place
    }
}
