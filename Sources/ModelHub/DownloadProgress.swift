/// How far a download is.
public struct DownloadProgress: Sendable, Equatable {
    /// The file that is being fetched, as a path inside the repository.
    public let file: String
    /// Bytes of all files that are here already.
    public let receivedBytes: Int
    /// Bytes of all files that were chosen.
    public let totalBytes: Int
}

/// Adds up what came and tells it every few megabytes.
struct ProgressMeter {
    private let totalBytes: Int
    private let report: @Sendable (DownloadProgress) -> Void
    private var receivedBytes = 0
    private var reportedBytes = -1
    private static let stepBytes = 8 << 20

    init(totalBytes: Int, report: @escaping @Sendable (DownloadProgress) -> Void) {
        self.totalBytes = totalBytes
        self.report = report
    }

    /// Counts bytes of a file; negative when it is begun again.
    mutating func add(_ bytes: Int, of file: String, isEnd: Bool = false) {
        receivedBytes += bytes
        let isDue = receivedBytes - reportedBytes >= Self.stepBytes || reportedBytes < 0
        guard isDue || isEnd else { return }
        reportedBytes = receivedBytes
        report(
            DownloadProgress(file: file, receivedBytes: receivedBytes, totalBytes: totalBytes)
        )
    }
}
