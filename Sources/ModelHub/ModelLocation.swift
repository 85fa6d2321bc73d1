/// Where the files of a model lie on this machine.
public struct ModelLocation: Sendable, Equatable {
    /// The folder that `files` are relative to.
    public let folder: String
    /// The files that the selection chose, sorted, relative to `folder`.
    public let files: [String]
    /// Name of the layout that they make up; `file` if one file was named.
    public let layout: String
    /// The commit of the repository, 40 hexadecimal digits; `nil` outside the Hugging Face cache.
    public let commit: String?

    /// The files with their folder.
    public var paths: [String] { files.map { "\(folder)/\($0)" } }

    /// What a checkpoint reader takes: the file if it is only one, else the folder.
    public var path: String { files.count == 1 ? "\(folder)/\(files[0])" : folder }
}
