import CFileWriting
import Foundation
import Glibc

/// A file that appears under its name only when it is complete and on disk.
final class OutputFile {
    private let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    private let stream: BlockStream
    private var start: [UInt8] = []

    /// Creates a hidden temporary file in the folder of `path`.
    ///
    /// - Parameters:
    ///   - path: where the file goes in the end.
    ///   - size: bytes of the whole file; their room on the disk is taken at once.
    /// - Throws: `.unwritable` or `.diskFull` from the system.
    init(path: String, size: Int) throws(SafetensorsError) {
        self.path = path
        let target = URL(fileURLWithPath: path)
        let name = ".\(target.lastPathComponent).\(UUID().uuidString).partial"
        temporaryPath = target.deletingLastPathComponent().appendingPathComponent(name).path
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.unwritable(path, errno) }
        stream = BlockStream(descriptor: descriptor, size: size)
        try reserve(size)
    }

    deinit { discard() }

    /// Appends bytes that are made piece by piece, in the ranges that are asked for.
    func write(
        _ count: Int,
        filling fill: (Range<Int>, UnsafeMutableRawBufferPointer) throws -> Void
    ) throws {
        do {
            try stream.append(count, fill)
        } catch let failure as BlockStreamFailure {
            throw Self.unwritable(path, failure.code)
        }
    }

    /// Appends bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try write(bytes.count) { range, room in
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }

    /// Replaces the first bytes when the file is complete.
    func overwriteStart(_ bytes: UnsafeRawBufferPointer) { start = Array(bytes) }

    /// Brings the bytes to disk, gives the file its name, and brings the name to disk.
    func publish() throws(SafetensorsError) {
        do throws(BlockStreamFailure) {
            try stream.finish()
        } catch {
            throw Self.unwritable(path, error.code)
        }
        let code = start.withUnsafeBytes { BlockStream.write($0, to: descriptor, at: 0) }
        guard code == 0 else { throw Self.unwritable(path, code) }
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
        stream.abandon()
        close(descriptor)
        unlink(temporaryPath)
        descriptor = -1
    }

    /// Takes the room on the disk, so that a full disk is known before the work; small files find out anyway.
    private func reserve(_ size: Int) throws(SafetensorsError) {
        guard size >= 1 << 20 else { return }
        let code = file_reserve(descriptor, Int64(size))
        // Some file systems cannot; there a full disk is met on the way.
        guard [ENOSPC, EDQUOT, EFBIG].contains(code) else { return }
        throw Self.unwritable(path, code)
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
