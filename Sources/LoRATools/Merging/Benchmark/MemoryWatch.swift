import Foundation

/// The most that was resident beyond mapped files.
final class MemoryWatch: Sendable {
    private let lock = NSLock()
    // Safe because the lock is held around every access.
    nonisolated(unsafe) private var peak = 0
    nonisolated(unsafe) private var isOver = false
    private let start = MemoryWatch.anonymous

    /// Begins to look, on a thread of its own.
    init() {
        let thread = Thread { [weak self] in
            while self?.look() == true { usleep(10_000) }
        }
        thread.start()
    }

    /// The most so far above what it was at the beginning, in bytes.
    func end() -> Int {
        lock.withLock {
            isOver = true
            return max(0, peak - start)
        }
    }

    private func look() -> Bool {
        let now = Self.anonymous
        return lock.withLock {
            peak = max(peak, now)
            return !isOver
        }
    }

    private static var anonymous: Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        return (kilobytes.flatMap { Int($0) } ?? 0) * 1024
    }
}
