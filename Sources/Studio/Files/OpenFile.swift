import CDispatch
import Glibc
import HTTPTypes
import NIOCore
import NIOPosix

/// A regular file below a root, open for reading; closed when nobody holds it any more.
final class OpenFile: Sendable {
    private let descriptor: Int32
    /// Its length when it was opened, in bytes.
    let size: Int64
    /// Changes whenever the file does: in quotes, as in the header `ETag`.
    let tag: String

    /// Opens what `roots` has resolved, and looks again at where it is: links may have changed in between.
    init(_ path: String, address: String, roots: Roots) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        let code = errno
        var status = stat()
        // Up to `tag` an error ends without `deinit`: the file is closed here.
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            throw StudioError(
                code == EACCES ? .forbidden : .notFound,
                address,
                "cannot be opened: \(String(cString: strerror(code)))",
                fix: "check that it exists and may be read"
            )
        }
        let place = Roots.real("/proc/self/fd/\(descriptor)")
        guard status.st_mode & S_IFMT == S_IFREG, place.map(roots.contains) ?? false else {
            close(descriptor)
            throw StudioError(.forbidden, address, "is no file that is served", fix: "name a file")
        }
        size = Int64(status.st_size)
        let time = UInt64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ UInt64(status.st_mtim.tv_nsec)
        tag =
            "\"\(String(status.st_ino, radix: 36))-\(String(size, radix: 36))-\(String(time, radix: 36))\""
    }

    deinit { close(descriptor) }

    /// Reads up to so many bytes on a thread that may wait for the disk; empty at the end.
    func read(at offset: Int64, count: Int) async throws -> ByteBuffer {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            let read = withExtendedLifetime(self) {
                buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                    max(pread(descriptor, bytes.baseAddress, count, off_t(offset)), 0)
                }
            }
            return read == 0 ? ByteBuffer() : buffer
        }
    }
}
