import Foundation
import HTTPTypes
import RunConfig

/// A run file that has one folder of clips and is otherwise as a job's, or as a new file is.
struct FolderRunFile {
    /// What chooses held-out clips among those of the file's own folders.
    private static let choices = ["held_out", "validation_split", "validation_folder"]

    private(set) var text: String

    /// Puts the folder in the place of the file's folders; clips marked as held out there are the held-out ones.
    ///
    /// - Parameters:
    ///   - folder: a real path.
    ///   - jobText: the run file of a job; nil takes a new file without a trigger word.
    /// - Throws: `StudioError` for a text that cannot be changed.
    init(folder: String, like jobText: String?) throws {
        text = jobText ?? RunFile.template
        if jobText == nil { try set("trigger_word", nil) }
        let known = RunFile.values(in: text)
        for index in Self.datasetIndices(in: known).dropFirst().reversed() {
            try set("datasets[\(index)]", nil)
        }
        try set("datasets[0].folder_path", .text(folder))
        for key in Self.choices where known["train.\(key)"] != nil { try set("train.\(key)", nil) }
        let marked = HeldOutMarks(folder: folder).names
        guard !marked.isEmpty else { return }
        try set("train.held_out", .list(marked.map { .text($0) }))
    }

    /// Indices of the file's datasets.
    static func datasetIndices(in values: [String: ConfigValue]) -> [Int] {
        let found = values.keys.compactMap { key in
            key.wholeMatch(of: /datasets\[(\d+)\].*/).flatMap { Int($0.1) }
        }
        return Set(found).sorted()
    }

    private mutating func set(_ path: String, _ value: ConfigValue?) throws {
        do {
            text = try RunFileEditor.edit(path, to: value, in: text).text
        } catch {
            throw StudioError(
                .unprocessableContent,
                "run file, line \(error.line)",
                error.message,
                fix: error.fix
            )
        }
    }
}
