import Foundation
import RunConfig

/// Names of a folder's clips that are only to be measured: lines of `held_out.txt` in it.
///
/// For the run file's `train.held_out`; the trainer itself does not read the marks, so that what a run does stands in
/// its run file.
struct HeldOutMarks {
    let path: String
    /// Sorted, without endings of lines.
    private(set) var names: [String]

    init(folder: String) {
        path = folder + "/held_out.txt"
        let text = PlainFile.contents(path).map { String(decoding: $0, as: UTF8.self) }
        names = (text ?? "").split(whereSeparator: \.isNewline).map(String.init).sorted()
    }

    /// Marks in all folders of a run file that pages may see.
    static func all(in values: [String: ConfigValue], roots: Roots) -> [String] {
        DatasetFolders.named(in: values, roots: roots).flatMap { HeldOutMarks(folder: $0).names }
    }

    /// Marks a clip or takes its mark away, on disk too; without marks there is no file.
    ///
    /// - Throws: Foundation's error where the file cannot be written.
    mutating func set(_ name: String, _ isHeldOut: Bool) throws {
        names = (Set(names).subtracting([name]).union(isHeldOut ? [name] : [])).sorted()
        guard !names.isEmpty else {
            guard FileManager.default.fileExists(atPath: path) else { return }
            return try FileManager.default.removeItem(atPath: path)
        }
        let text = names.joined(separator: "\n") + "\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
