import Foundation
import Media
import Synchronization

/// What clips say of themselves, read once for as long as they do not change: probing reads all of a file.
final class ClipProbes: Sendable {
    /// How many are kept.
    private static let most = 20_000

    private struct Mark: Equatable {
        let bytes: Int
        let modifiedAt: Date

        init(_ path: String) {
            let facts = try? FileManager.default.attributesOfItem(atPath: path)
            bytes = facts?[.size] as? Int ?? 0
            modifiedAt = facts?[.modificationDate] as? Date ?? .distantPast
        }
    }

    private struct Entry {
        let mark: Mark
        let found: Result<MediaInfo, MediaError>
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// What a file says, or why it cannot be read.
    func probe(_ path: String) -> Result<MediaInfo, MediaError> {
        let mark = Mark(path)
        if let known = known(path, mark) { return known }
        let found = Result { () throws(MediaError) in try MediaProbe.probe(path) }
        entries.withLock { entries in
            if entries.count >= Self.most { entries.removeAll() }
            entries[path] = Entry(mark: mark, found: found)
        }
        return found
    }

    /// The same, if there is time to read it or it is known already.
    func probe(_ path: String, until deadline: ContinuousClock.Instant) -> MediaInfo? {
        guard ContinuousClock.now < deadline else { return try? known(path, Mark(path))?.get() }
        return try? probe(path).get()
    }

    private func known(_ path: String, _ mark: Mark) -> Result<MediaInfo, MediaError>? {
        entries.withLock { entries in
            entries[path].flatMap { $0.mark == mark ? $0.found : nil }
        }
    }
}
