import Foundation
import Glibc

/// A file that appears under its name only when it is complete and on disk.
final class OutputFile {
    private let path: String
    private let temporaryPath: String
    private var descriptor: Int32

    /// Creates a hidden temporary file in the folder of `path`.
    init(path: String) throws(SafetensorsError) {
        self.path = path
        let target = URL(fileURLWithPath: path)
        let name = ".\(target.lastPathComponent).\(UUID().uuidString).partial"
        temporaryPath = target.deletingLastPathComponent().appendingPathComponent(name).path
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.unwritable(path, errno) }
    }

    deinit { discard() }

    /// Appends bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws(SafetensorsError) {
        try Self.writeAll(bytes, to: descriptor, file: path)
    }

    /// Writes over the first bytes; what comes next still goes to the end.
    func overwriteStart(_ bytes: UnsafeRawBufferPointer) throws(SafetensorsError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(done))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.unwritable(path, count < 0 ? errno : EIO) }
            done += count
        }
    }

    /// Brings the bytes to disk, gives the file its name, and brings the name to disk.
    func publish() throws(SafetensorsError) {
        guard fsync(descriptor) == 0 else { throw Self.unwritable(path, errno) }
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0, rename(temporaryPath, path) == 0 else {
            let code = errno
            unlink(temporaryPath)
            throw Self.unwritable(path, code)
        }
        try Self.syncFolder(of: path)
    }

    /// Removes the temporary file; does nothing after `publish`.
    func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
        descriptor = -1
    }

    /// Writes everything, however often the system takes only a part.
    static func writeAll(
        _ bytes: UnsafeRawBufferPointer,
        to descriptor: Int32,
        file: String
    ) throws(SafetensorsError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let chunk = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(descriptor, chunk.baseAddress, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw unwritable(file, count < 0 ? errno : EIO) }
            rest = rest.dropFirst(count)
        }
    }

    /// A rename survives a power failure only when the folder is on disk too.
    private static func syncFolder(of path: String) throws(SafetensorsError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unwritable(folder, errno) }
        defer { close(descriptor) }
        // Some network file systems cannot sync a folder; there the rename is as safe as it gets.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw unwritable(folder, errno) }
    }

    private static func unwritable(_ path: String, _ code: Int32) -> SafetensorsError {
        guard code == ENOSPC || code == EDQUOT else {
            return SafetensorsError(
                .unwritable,
                at: path,
                "cannot be written (\(String(cString: strerror(code)))), should be writable",
                fix: "check that its folder exists and is yours to write to"
            )
        }
        return SafetensorsError(
            .diskFull,
            at: path,
            "does not fit on the disk (\(String(cString: strerror(code)))), should fit",
            fix: "free some space or choose another folder"
        )
    }
}
