import AsyncHTTPClient
import Foundation
import NIOCore

extension ModelLocator {
    /// Finds a model, and downloads it if it is not here.
    ///
    /// Repositories go into the Hugging Face cache, in its own layout; an id of one file goes below
    /// `MODELS_PATH` if that is set. A download that broke off goes on where it stopped; every file is
    /// checked by size and hash; processes that want the same file wait for each other.
    ///
    /// - Parameters:
    ///   - id: what the user wrote.
    ///   - wanted: the files that are needed of a folder or repository.
    ///   - progress: called every few megabytes and at the end of every file.
    /// - Returns: where the files lie now; without any request if they were here.
    /// - Throws: `ModelHubError`, every kind; `CancellationError`.
    public func fetch(
        _ id: String,
        files wanted: ModelFileSelection,
        progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
    ) async throws -> ModelLocation {
        if let here = try locate(id, files: wanted) { return here }
        let parsed = try ModelID(id)
        guard !environment.isOffline else { throw offline(id) }
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let client = HubClient(http: http, environment: environment, network: network)
        let result: Result<ModelLocation, any Error>
        do {
            result = .success(try await download(parsed, files: wanted, client, progress))
        } catch {
            result = .failure(error)
        }
        try await http.shutdown()
        return try result.get()
    }

    private var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,  // followed by us, without the token
            timeout: .init(
                connect: .seconds(network.connectSeconds),
                read: .seconds(network.silenceSeconds)
            )
        )
        configuration.connectionPool.retryConnectionEstablishment = false  // we count the tries
        configuration.httpVersion = .http1Only  // one large file at a time gains nothing from 2
        return configuration
    }

    private func download(
        _ id: ModelID,
        files wanted: ModelFileSelection,
        _ client: HubClient,
        _ progress: @escaping @Sendable (DownloadProgress) -> Void
    ) async throws -> ModelLocation {
        guard let file = id.file else {
            return try await downloadRepository(id, files: wanted, client, progress)
        }
        let remote = try await client.describe(file, of: id, at: id.revision)
        guard let models = environment.modelsPath else {
            try await downloadToCache([remote], of: id, client, progress)
            return cached([file], of: id, layout: "file", commit: remote.commit)
        }
        let folder = "\(models)/\(id.repository)"
        let target = Self.target("\(folder)/\(file)", hash: remote.hash)
        try Folders.create((target.file as NSString).deletingLastPathComponent)
        let download = FileDownload(client: client, id: id, remote: remote, target: target)
        try await run([download], in: models, progress)
        return ModelLocation(folder: folder, files: [file], layout: "file", commit: nil)
    }

    private func downloadRepository(
        _ id: ModelID,
        files wanted: ModelFileSelection,
        _ client: HubClient,
        _ progress: @escaping @Sendable (DownloadProgress) -> Void
    ) async throws -> ModelLocation {
        let (commit, listed) = try await client.listing(id)
        guard let choice = wanted.choose(from: listed) else {
            throw Self.missingFiles(wanted, of: id.repository, in: listed)
        }
        var remotes: [RemoteFile] = []
        for file in choice.files {
            remotes.append(try await client.describe(file, of: id, at: commit))
        }
        try await downloadToCache(remotes, of: id, client, progress)
        return cached(choice.files, of: id, layout: choice.layout.name, commit: commit)
    }

    private func downloadToCache(
        _ remotes: [RemoteFile],
        of id: ModelID,
        _ client: HubClient,
        _ progress: @escaping @Sendable (DownloadProgress) -> Void
    ) async throws {
        let layout = CacheLayout(cache: environment.cache, id: id)
        try Folders.create("\(layout.folder)/blobs")
        let downloads = remotes.map { remote in
            FileDownload(client: client, id: id, remote: remote, target: layout.target(remote))
        }
        try await run(downloads, in: layout.folder, progress, afterEach: layout.link)
        // Last, so that an older snapshot stays in use until the new one is whole.
        if let commit = remotes.first?.commit { try layout.setCommit(commit, of: id.revision) }
    }

    private func run(
        _ downloads: [FileDownload],
        in folder: String,
        _ progress: @escaping @Sendable (DownloadProgress) -> Void,
        afterEach: (RemoteFile) throws -> Void = { _ in }
    ) async throws {
        try DiskSpace.check(folder, for: downloads.map(\.missingBytes).reduce(0, +))
        let total = downloads.map(\.remote.size).reduce(0, +)
        var meter = ProgressMeter(totalBytes: total, report: progress)
        for download in downloads {
            try await download.run(&meter)
            try afterEach(download.remote)
        }
    }

    /// A file outside the cache; its partial file carries the hash, so that it never continues another.
    private static func target(_ file: String, hash: ContentHash) -> DownloadTarget {
        let url = URL(fileURLWithPath: file)
        let hidden = "\(url.deletingLastPathComponent().path)/.\(url.lastPathComponent)"
        return DownloadTarget(
            file: file,
            partial: "\(hidden).\(hash.text).incomplete",
            lock: "\(hidden).lock"
        )
    }

    private func cached(
        _ files: [String],
        of id: ModelID,
        layout: String,
        commit: String
    ) -> ModelLocation {
        let folder = CacheLayout(cache: environment.cache, id: id).snapshot(commit)
        return ModelLocation(folder: folder, files: files, layout: layout, commit: commit)
    }

    private func offline(_ id: String) -> ModelHubError {
        let places = [environment.modelsPath, environment.cache].compactMap(\.self)
        return ModelHubError(
            .offline,
            at: id,
            "is not on this machine and HF_HUB_OFFLINE forbids to ask the hub, should be in "
                + places.joined(separator: " or "),
            fix: "unset HF_HUB_OFFLINE, or copy the model there"
        )
    }
}
