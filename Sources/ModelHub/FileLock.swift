import Foundation
import Glibc

/// A lock between processes, the one that Python's huggingface_hub takes on the same files.
final class FileLock {
    private let descriptor: Int32

    /// Waits until no other process holds the lock.
    ///
    /// - Throws: `.unwritable`; `CancellationError` when the task is cancelled while it waits.
    static func acquire(_ path: String) async throws -> FileLock {
        try Folders.create((path as NSString).deletingLastPathComponent)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Folders.unwritable(path, errno) }
        let lock = FileLock(descriptor)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw Folders.unwritable(path, errno)
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        return lock
    }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        // A process that is being started has a copy of the descriptor for a moment: closing ours would not let go.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
