/// The tensors of a model, in one file or in several.
public struct WeightFiles: Sendable {
    /// The files in order of their names, or as given.
    public let files: [SafetensorsFile]
    /// Names of all tensors, file by file in the order of their bytes.
    public let names: [String]
    private let owners: [String: Int]  // index into files

    /// Opens a file, or a folder with shards: those of its index if it has one, else its
    /// `model.safetensors` or `diffusion_pytorch_model.safetensors`, else every `.safetensors` in it.
    ///
    /// - Throws: `.unreadable` if there is no such file; `.malformed` if a file is damaged, if an
    ///   index and its files disagree, or if two files hold a tensor of the same name.
    public init(path: String) throws(SafetensorsError) {
        let folder = try WeightFolder(path: path)
        try self.init(files: folder.files)
        guard let index = folder.index else { return }
        try index.check(self)
    }

    /// Opens the files that are named, one after the other.
    ///
    /// - Throws: as `init(path:)`.
    public init(files paths: [String]) throws(SafetensorsError) {
        var files: [SafetensorsFile] = []
        var owners: [String: Int] = [:]
        for path in paths {
            let file = try SafetensorsFile(path: path)
            for name in file.names {
                if let other = owners.updateValue(files.count, forKey: name) {
                    throw SafetensorsError(
                        .malformed,
                        at: path,
                        "holds tensor \(name) like \(files[other].path), should be in one file",
                        fix: "name the one file to use"
                    )
                }
            }
            files.append(file)
        }
        self.files = files
        self.owners = owners
        names = files.flatMap(\.names)
    }

    /// The `__metadata__` of the first file; empty without files.
    public var metadata: [String: String] { files.first?.metadata ?? [:] }

    /// Where a tensor lies in its own file, and what it is; `nil` if no file holds it.
    public func info(_ name: String) -> TensorInfo? { file(for: name)?.info(name) }

    /// The file that holds a tensor; `nil` if none does.
    public func file(for name: String) -> SafetensorsFile? { owners[name].map { files[$0] } }
}
