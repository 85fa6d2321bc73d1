import Foundation

/// The files around a clip that is cut: names of its pieces, its caption, and where it goes when replaced.
struct CutFiles {
    /// The folder beside a clip that takes what a cut replaces; what begins with a dot is no part of a dataset.
    static let originals = ".originals"
    private static let captionEnding = "txt"

    let clip: String

    private var folder: String {
        let folder = (clip as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }
    private var stem: String { (clip as NSString).deletingPathExtension }
    private var captionPath: String { Self.caption(of: clip) }

    private static func caption(of path: String) -> String {
        (path as NSString).deletingPathExtension + "." + captionEnding
    }

    private static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }

    /// A file for a trimmed clip: the one asked for, or the first free of `clip-trim.mp4` and `clip-trim-2.mp4`.
    ///
    /// - Throws: `CuttingError` for a name that is taken or does not end in mp4.
    func trimmed(_ wanted: String?) throws -> String {
        if let wanted {
            try check(wanted)
            return wanted
        }
        return Self.firstFree(stem + "-trim") { [$0 + ".mp4"] }[0]
    }

    /// Files for pieces: `stem-01.mp4`, `stem-02.mp4`, …; without a stem the clip's own, made free by a number.
    ///
    /// - Throws: `CuttingError` for a name that is taken.
    func pieces(_ count: Int, stem wanted: String?) throws -> [String] {
        func names(_ stem: String) -> [String] {
            (1...max(1, count)).map { stem + String(format: "-%02d.mp4", $0) }
        }
        guard let wanted else { return Self.firstFree(stem, names) }
        try names(wanted).forEach(check)
        return names(wanted)
    }

    /// The file that takes a trimmed clip's own place.
    func replaced() throws -> String {
        let path = stem + ".mp4"
        guard path == clip || !Self.exists(path) else { throw taken(path) }
        return path
    }

    /// A hidden name beside the clip, for a file that is not whole yet.
    var draft: String { "\(folder)/.\(UUID().uuidString).mp4" }

    /// Names that are all free, of the first of `stem`, `stem-2`, `stem-3`, … that has them.
    private static func firstFree(_ stem: String, _ names: (String) -> [String]) -> [String] {
        var number = 1
        while true {
            let names = names(number == 1 ? stem : "\(stem)-\(number)")
            if !names.contains(where: { exists($0) || exists(caption(of: $0)) }) { return names }
            number += 1
        }
    }

    private func check(_ path: String) throws {
        guard path.lowercased().hasSuffix(".mp4") else {
            throw CuttingError(
                path,
                "should end in .mp4, which is what is written",
                fix: "name the file so"
            )
        }
        guard !Self.exists(path) else { throw taken(path) }
        let caption = Self.caption(of: path)
        guard !Self.exists(caption) || caption == captionPath else { throw taken(caption) }
    }

    private func taken(_ path: String) -> CuttingError {
        CuttingError(
            path,
            "exists and is not overwritten",
            fix: "name another with -o, or move it away"
        )
    }

    /// Puts a copy of the clip's caption beside a piece; nothing if the clip has none.
    func copyCaption(beside path: String) throws {
        let target = Self.caption(of: path)
        guard Self.exists(captionPath), target != captionPath else { return }
        try FileManager.default.copyItem(atPath: captionPath, toPath: target)
    }

    /// Takes a piece and its caption away again.
    func remove(_ path: String) {
        unlink(path)
        let caption = Self.caption(of: path)
        if caption != captionPath { unlink(caption) }
    }

    /// Moves the clip into `.originals` beside it, with its caption if that is not needed any more.
    ///
    /// - Returns: where the clip is now.
    func retire(withCaption: Bool) throws -> String {
        let place = "\(folder)/\(Self.originals)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let ending = (clip as NSString).pathExtension
        let name = ((clip as NSString).lastPathComponent as NSString).deletingPathExtension
        let target = Self.firstFree("\(place)/\(name)") { ["\($0).\(ending)"] }[0]
        try FileManager.default.moveItem(atPath: clip, toPath: target)
        guard Self.exists(captionPath) else { return target }
        if withCaption {
            try FileManager.default.moveItem(atPath: captionPath, toPath: Self.caption(of: target))
        } else {
            try FileManager.default.copyItem(atPath: captionPath, toPath: Self.caption(of: target))
        }
        return target
    }
}
