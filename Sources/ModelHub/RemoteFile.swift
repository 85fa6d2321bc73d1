/// A file on the hub, as its headers describe it.
struct RemoteFile: Equatable, Sendable {
    /// Path inside the repository.
    let path: String
    /// 40 hexadecimal digits.
    let commit: String
    let hash: ContentHash
    /// In bytes.
    let size: Int
}

/// The places that a download uses on disk.
struct DownloadTarget: Equatable, Sendable {
    let file: String
    let partial: String
    let lock: String
}
