import Glibc

/// Asks the disk before a download rather than after hours of it.
enum DiskSpace {
    /// Room that must stay free for others, in bytes.
    static let reserve = 64 << 20

    /// Checks that a folder's disk has room.
    ///
    /// - Throws: `.diskFull` with both sizes.
    static func check(_ folder: String, for bytes: Int) throws(ModelHubError) {
        guard bytes > 0 else { return }
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { throw Folders.unwritable(folder, errno) }
        let free = Int(clamping: status.f_bavail).multipliedReportingOverflow(
            by: Int(clamping: status.f_frsize)
        )
        guard !free.overflow, free.partialValue - reserve < bytes else { return }
        throw ModelHubError(
            .diskFull,
            at: folder,
            "has \(gigabytes(free.partialValue)) free, should have \(gigabytes(bytes)) for the model",
            fix: "free some space, or set HF_HOME or MODELS_PATH to a folder on another disk"
        )
    }

    private static func gigabytes(_ bytes: Int) -> String {
        let tenths = bytes / 100_000_000
        return "\(tenths / 10).\(tenths % 10) GB"
    }
}
