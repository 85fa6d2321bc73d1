import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// Keeps a second run out of a folder for as long as it lives; the system lets go when the process ends.
public final class RunLock {
    private let descriptor: Int32

    /// Takes the folder.
    ///
    /// - Throws: `RunStateError.inUse` if another run has it, `.unwritable`.
    public init(_ folder: RunFolder) throws(RunStateError) {
        try folder.make()
        let path = "\(folder.path)/.lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(path, String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let owner = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            // `deinit` closes it, also after an error: closed here too, it might be another file's by then.
            throw .inUse(folder.path, by: owner.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        let owner = "process \(getpid())\n"
        ftruncate(descriptor, 0)
        // Who holds it is only told to people; the lock is the system's.
        _ = owner.withCString { write(descriptor, $0, strlen($0)) }
    }

    deinit {
        // A process that is being started has a copy of the descriptor for a moment: closing ours would not let go.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
