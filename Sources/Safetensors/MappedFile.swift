import Glibc

/// A whole file as read-only memory; pages come from disk when they are first touched.
///
/// Another program that shortens the file while it is mapped kills this one with SIGBUS, as with
/// every mapped file; files that are replaced by renaming, as ours are, keep their old bytes.
final class MappedFile: @unchecked Sendable {
    // Safe because the mapping is read-only, never moves, and ends in deinit only.
    let bytes: UnsafeRawBufferPointer

    init(path: String) throws(SafetensorsError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SafetensorsError(
                .unreadable,
                at: path,
                "is not a file, should be a .safetensors file",
                fix: "name a file inside it"
            )
        }
        let size = Int(status.st_size)
        guard size > 0 else {
            throw SafetensorsHeader.malformed(path, "is 0 bytes long, should be at least 8")
        }
        let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw Self.unreadable(path, errno) }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }

    /// Gives the pages of a range back; touching them again reads them from disk again.
    func drop(_ range: Range<Int>) {
        guard let base = bytes.baseAddress, !range.isEmpty else { return }
        let page = sysconf(Int32(_SC_PAGESIZE))
        let start = range.lowerBound / page * page
        let address = UnsafeMutableRawPointer(mutating: base + start)
        // Advice only: where it is refused, the pages stay and nothing is wrong.
        madvise(address, range.upperBound - start, MADV_DONTNEED)
    }

    private static func unreadable(_ path: String, _ code: Int32) -> SafetensorsError {
        SafetensorsError(
            .unreadable,
            at: path,
            "cannot be opened (\(String(cString: strerror(code)))), should be a readable file",
            fix: code == ENOENT ? "check the path" : "check the file and its permissions"
        )
    }
}
