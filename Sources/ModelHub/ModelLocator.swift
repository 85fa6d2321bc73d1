public import Foundation

/// Finds the models that a run file names, on this machine or on the Hugging Face hub.
///
/// A model is a path; or an id: `org/repo`, `org/repo@revision`, `org/repo/path/file.safetensors`.
public struct ModelLocator: Sendable {
    let environment: HubEnvironment
    let network: NetworkPolicy

    /// Reads `MODELS_PATH`, `HF_ENDPOINT`, `HF_HUB_CACHE`, `HF_HOME`, `HF_TOKEN`, `HF_TOKEN_PATH` and
    /// `HF_HUB_OFFLINE`.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.init(environment: environment, network: NetworkPolicy())
    }

    init(environment: [String: String], network: NetworkPolicy) {
        self.environment = HubEnvironment(environment)
        self.network = network
    }

    /// Looks for a model on this machine only: as a path, under `MODELS_PATH`, in the Hugging Face
    /// cache.
    ///
    /// - Parameters:
    ///   - id: what the user wrote.
    ///   - wanted: the files that are needed of a folder or repository.
    /// - Returns: `nil` if the model is not here, or not all of it.
    /// - Throws: `ModelHubError`: `.invalidID`; `.pickle` or `.unsupportedFile` for a file that is never
    ///   used; `.missingFiles` for an existing folder that lacks needed files.
    public func locate(
        _ id: String,
        files wanted: ModelFileSelection
    ) throws -> ModelLocation? {
        let path = id == "~" || id.hasPrefix("~/") ? environment.home + id.dropFirst() : id
        if Folders.isFile(path) { return try Self.location(file: path) }
        if Folders.isFolder(path) {
            let folder = URL(fileURLWithPath: path).path
            if let here = Self.location(folder: folder, files: wanted) { return here }
            throw Self.missingFiles(wanted, of: path, in: Folders.files(below: folder))
        }
        let parsed = try ModelID(id)
        return inModelsPath(parsed, files: wanted) ?? inCache(parsed, files: wanted)
    }

    private static func location(file path: String) throws(ModelHubError) -> ModelLocation {
        if let refusal = FilePolicy.refusal(of: path) { throw refusal }
        let url = URL(fileURLWithPath: path)
        return ModelLocation(
            folder: url.deletingLastPathComponent().path,
            files: [url.lastPathComponent],
            layout: "file",
            commit: nil
        )
    }

    /// The chosen files of a folder; `nil` if some are missing.
    private static func location(
        folder: String,
        files wanted: ModelFileSelection,
        commit: String? = nil
    ) -> ModelLocation? {
        wanted.choose(from: Folders.files(below: folder)).map { choice in
            ModelLocation(
                folder: folder,
                files: choice.files,
                layout: choice.layout.name,
                commit: commit
            )
        }
    }

    /// The folders and files that ai-toolkit looks at, after our own `org/repo`.
    private func inModelsPath(_ id: ModelID, files wanted: ModelFileSelection) -> ModelLocation? {
        guard let models = environment.modelsPath else { return nil }
        guard let file = id.file else {
            return [id.repository, id.name].lazy.compactMap { name in
                Self.location(folder: "\(models)/\(name)", files: wanted)
            }.first
        }
        let name = (file as NSString).lastPathComponent
        let candidates = [("\(models)/\(id.repository)", file), (models, file), (models, name)]
        return candidates.first { Folders.isFile("\($0)/\($1)") }.map { folder, file in
            ModelLocation(folder: folder, files: [file], layout: "file", commit: nil)
        }
    }

    private func inCache(_ id: ModelID, files wanted: ModelFileSelection) -> ModelLocation? {
        let layout = CacheLayout(cache: environment.cache, id: id)
        guard let commit = layout.commit(of: id.revision) else { return nil }
        let folder = layout.snapshot(commit)
        guard let file = id.file else {
            return Self.location(folder: folder, files: wanted, commit: commit)
        }
        guard Folders.isFile("\(folder)/\(file)") else { return nil }
        return ModelLocation(folder: folder, files: [file], layout: "file", commit: commit)
    }

    /// Says what a folder or repository lacks, and whether it has pickles instead.
    static func missingFiles(
        _ wanted: ModelFileSelection,
        of place: String,
        in files: [String]
    ) -> ModelHubError {
        let missing = wanted.missing(in: files).prefix(10).joined(separator: ", ")
        let pickle = files.first { FilePolicy.refusal(of: $0)?.kind == .pickle }
        let instead = pickle.map { " (it has \($0), a pickle, which is never loaded)" } ?? ""
        return ModelHubError(
            .missingFiles,
            at: place,
            "lacks \(missing)\(instead), should have them",
            fix: "check that it is the right model, or name its .safetensors file"
        )
    }
}
