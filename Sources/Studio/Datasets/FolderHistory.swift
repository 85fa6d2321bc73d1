import RunConfig
import RunStore

/// What jobs and checks have said of a folder of clips.
struct FolderHistory {
    /// Jobs whose run files are looked into for a trigger word.
    private static let jobCount = 20

    let tasks: TaskHistory
    let jobs: JobStore
    let roots: Roots

    /// The newest review of a folder, as `check --json` prints it; nil if it was not checked yet.
    func review(of address: String) throws -> ConfigValue? {
        try tasks.newest(CheckTask.self) { $0["folder"] == .text(address) }?.result
    }

    /// The trigger word of the newest job that learns from a folder.
    ///
    /// - Parameter folder: a real path.
    /// - Returns: the word; nil if no job has one.
    /// - Throws: `StoreError`.
    func trigger(of folder: String) throws -> String? {
        let newest = try jobs.all().sorted { $0.updatedAt > $1.updatedAt }.prefix(Self.jobCount)
        for job in newest {
            let values = RunFile.values(in: try jobs.runFile(of: job.id))
            guard case .text(let word) = values["trigger_word"] else { continue }
            if DatasetFolders.named(in: values, roots: roots).contains(folder) { return word }
        }
        return nil
    }
}

extension DatasetFolders {
    /// Real paths of the folders that a run file names, where pages may see them.
    static func named(in values: [String: ConfigValue], roots: Roots) -> [String] {
        FolderRunFile.datasetIndices(in: values).compactMap { index in
            guard case .text(let path) = values["datasets[\(index)].folder_path"] else {
                return nil
            }
            let whole = path.hasPrefix("/") ? path : "\(roots.folders[0].path)/\(path)"
            return Roots.real(whole).flatMap { roots.contains($0) ? $0 : nil }
        }
    }
}
