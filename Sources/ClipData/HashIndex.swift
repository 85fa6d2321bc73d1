import Foundation
import Synchronization

/// Remembers content hashes, so that big clips are read in full only when they are new.
///
/// It is an aid, never a source of failure: a damaged index is forgotten, and one that cannot be
/// written only costs the hashing next time.
final class HashIndex: Sendable {
    private struct Entry: Codable, Equatable {
        let stamp: FileStamp
        let hash: String
    }

    /// A file's times are only as fine as its file system: one that changed less than this before
    /// it was hashed could change once more and look the same, so it is not remembered.
    private static let settlingTime = Duration.seconds(2)

    private let path: String
    private let settlingTime: Duration
    private let known: Mutex<[String: Entry]>
    private let used = Mutex<[String: Entry]>([:])

    /// Reads the index of a folder of clips.
    init(folder: String, settlingTime: Duration = settlingTime) {
        self.settlingTime = settlingTime
        let cache = (folder as NSString).appendingPathComponent("_latent_cache")
        path = (cache as NSString).appendingPathComponent("content_hashes.json")
        let data = try? Data(contentsOf: URL(fileURLWithPath: path))
        let entries = data.flatMap { try? JSONDecoder().decode([String: Entry].self, from: $0) }
        known = Mutex(entries ?? [:])
    }

    /// The content hash of a file, from memory if its stamp is still the same.
    func hash(of path: String) throws -> String {
        let stamp = FileStamp(path)
        if let entry = known(path, stamp) {
            used.withLock { $0[path] = entry }
            return entry.hash
        }
        let isSettled = stamp?.hasSettled(for: settlingTime) ?? false
        let hash = try ContentHash.of(path)
        // A file that changed while it was read is hashed again next time.
        if let stamp, isSettled, stamp == FileStamp(path) {
            used.withLock { $0[path] = Entry(stamp: stamp, hash: hash) }
        }
        return hash
    }

    /// Whether the file's hash is known without reading it.
    func remembers(_ path: String) -> Bool { known(path, FileStamp(path)) != nil }

    private func known(_ path: String, _ stamp: FileStamp?) -> Entry? {
        known.withLock { $0[path] }.flatMap { $0.stamp == stamp ? $0 : nil }
    }

    /// Writes what was used; files that are gone are forgotten.
    ///
    /// - Returns: whether the index is on disk.
    @discardableResult
    func save() -> Bool {
        let entries = used.withLock { $0 }
        guard entries != known.withLock({ $0 }) else { return true }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true
            )
            try encoder.encode(entries).write(to: URL(fileURLWithPath: path), options: .atomic)
            return true
        } catch {
            return false
        }
    }
}
