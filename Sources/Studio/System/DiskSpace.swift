import Glibc

/// Room of the disk that a folder is on, in bytes.
public struct DiskSpace: Codable, Sendable, Equatable {
    /// All of it.
    public let total: Int64
    /// What this user may still fill.
    public let free: Int64

    /// - Returns: nil for a folder that cannot be asked.
    public init?(at path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        total = Int64(status.f_blocks) * Int64(status.f_frsize)
        free = Int64(status.f_bavail) * Int64(status.f_frsize)
    }
}
