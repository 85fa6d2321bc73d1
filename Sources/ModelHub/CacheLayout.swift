import Foundation
import Glibc

/// One repository in the Hugging Face cache: blobs by hash, snapshots of links to them, refs.
struct CacheLayout {
    let cache: String
    let folder: String

    init(cache: String, id: ModelID) {
        self.cache = cache
        folder = "\(cache)/\(id.cacheFolder)"
    }

    /// The commit that a branch, tag or commit means here; `nil` if it was never fetched.
    func commit(of revision: String) -> String? {
        if Self.isCommit(revision) { return revision }
        guard FilePolicy.staysBelow(revision),
            let data = FileManager.default.contents(atPath: "\(folder)/refs/\(revision)")
        else { return nil }
        let commit = String(decoding: data, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return Self.isCommit(commit) ? commit : nil
    }

    func snapshot(_ commit: String) -> String { "\(folder)/snapshots/\(commit)" }

    /// Where a file of this hash is downloaded to.
    func target(_ remote: RemoteFile) -> DownloadTarget {
        let blob = "\(folder)/blobs/\(remote.hash.text)"
        let locks = "\(cache)/.locks/\((folder as NSString).lastPathComponent)"
        return DownloadTarget(
            file: blob,
            partial: "\(blob).incomplete",
            lock: "\(locks)/\(remote.hash.text).lock"
        )
    }

    /// Makes a snapshot's file a link to its blob.
    func link(_ remote: RemoteFile) throws(ModelHubError) {
        let link = "\(snapshot(remote.commit))/\(remote.path)"
        guard !FileManager.default.fileExists(atPath: link) else { return }
        try Folders.create((link as NSString).deletingLastPathComponent)
        let depth = 2 + remote.path.split(separator: "/").count - 1
        let target = String(repeating: "../", count: depth) + "blobs/\(remote.hash.text)"
        unlink(link)  // one that points to nothing
        guard symlink(target, link) == 0 || errno == EEXIST else {
            throw Folders.unwritable(link, errno)
        }
    }

    /// Notes which commit a branch or tag meant when it was fetched.
    func setCommit(_ commit: String, of revision: String) throws(ModelHubError) {
        guard !Self.isCommit(revision) else { return }
        let path = "\(folder)/refs/\(revision)"
        try Folders.create((path as NSString).deletingLastPathComponent)
        do {
            try Data(commit.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw Folders.unwritable(path, EIO)
        }
    }

    static func isCommit(_ text: String) -> Bool { text.wholeMatch(of: /[0-9a-f]{40}/) != nil }
}
