import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Brings one file to its place: locked, resumed, checked.
struct FileDownload {
    let client: HubClient
    let id: ModelID
    let remote: RemoteFile
    let target: DownloadTarget

    /// Bytes that still have to come.
    var missingBytes: Int {
        if Folders.isFile(target.file) { return 0 }
        return max(0, remote.size - Folders.size(of: target.partial))
    }

    /// Downloads what is missing; does nothing if another process has done it.
    func run(_ meter: inout ProgressMeter) async throws {
        let lock = try await FileLock.acquire(target.lock)
        defer { withExtendedLifetime(lock) {} }  // held to here
        guard !Folders.isFile(target.file) else {
            meter.add(remote.size, of: remote.path, isEnd: true)
            return
        }
        let partial = try PartialFile(path: target.partial, remote: remote)
        meter.add(partial.size, of: remote.path)
        try await fill(partial, &meter)
        try partial.publish(as: target.file)
        meter.add(0, of: remote.path, isEnd: true)
    }

    private func fill(_ partial: PartialFile, _ meter: inout ProgressMeter) async throws {
        var failures = 0
        while partial.size < remote.size {
            let before = partial.size
            do {
                try await receive(partial, &meter)
                guard partial.size < remote.size else { return }
                throw brokenOff(partial.size)
            } catch {
                // A try that brought something was not in vain.
                failures = partial.size > before ? 1 : failures + 1
                try await client.pause(after: error, failures: failures)
            }
        }
    }

    private func receive(_ partial: PartialFile, _ meter: inout ProgressMeter) async throws {
        let response = try await client.open(remote, of: id, from: partial.size)
        if !continues(response, at: partial.size) {
            meter.add(-partial.size, of: remote.path)
            try partial.restart()
        }
        for try await chunk in response.body {
            try chunk.withUnsafeReadableBytes { try partial.append($0) }
            meter.add(chunk.readableBytes, of: remote.path)
        }
    }

    /// Whether the answer begins where we stopped; a server may send the whole file instead.
    private func continues(_ response: HTTPClientResponse, at offset: Int) -> Bool {
        guard offset > 0 else { return true }
        let range = response.headers.first(name: "content-range")
        return response.status == .partialContent
            && range?.hasPrefix("bytes \(offset)-") == true
    }

    private func brokenOff(_ size: Int) -> ModelHubError {
        ModelHubError(
            .network,
            at: remote.path,
            "broke off after \(size) bytes, should be \(remote.size)",
            fix: "start again, what is here is kept"
        )
    }
}
