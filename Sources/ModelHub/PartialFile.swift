import Crypto
import Foundation
import Glibc

/// A file on its way: what came before is kept and hashed, what comes is appended.
final class PartialFile {
    private let path: String
    private let remote: RemoteFile
    private let descriptor: Int32
    private var hash: any HashFunction
    /// Bytes that are here.
    private(set) var size = 0

    /// Opens or creates the file and hashes what an earlier try left in it.
    init(path: String, remote: RemoteFile) throws(ModelHubError) {
        self.path = path
        self.remote = remote
        hash = remote.hash.start(size: remote.size)
        try Folders.create((path as NSString).deletingLastPathComponent)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Folders.unwritable(path, errno) }
        try readExisting()
    }

    deinit { close(descriptor) }

    private func readExisting() throws(ModelHubError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while size <= remote.size {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Folders.unwritable(path, errno) }
            guard count > 0 else { break }
            buffer.withUnsafeBytes { hash.update(bufferPointer: .init(rebasing: $0[..<count])) }
            size += count
        }
        if size > remote.size { try restart() }
    }

    /// Forgets what is here.
    func restart() throws(ModelHubError) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw Folders.unwritable(path, errno)
        }
        hash = remote.hash.start(size: remote.size)
        size = 0
    }

    /// Appends bytes.
    ///
    /// - Throws: `.corrupt` if more come than were announced; `.diskFull` or `.unwritable`.
    func append(_ bytes: UnsafeRawBufferPointer) throws(ModelHubError) {
        guard bytes.count <= remote.size - size else {
            throw corrupt("sends more than \(remote.size) bytes", "end there")
        }
        try Self.writeAll(bytes, to: descriptor, file: path)
        hash.update(bufferPointer: bytes)
        size += bytes.count
    }

    /// Writes everything, however often the system takes only a part.
    static func writeAll(
        _ bytes: UnsafeRawBufferPointer,
        to descriptor: Int32,
        file: String
    ) throws(ModelHubError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let chunk = UnsafeRawBufferPointer(rebasing: rest)
            let count = write(descriptor, chunk.baseAddress, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Folders.unwritable(file, count < 0 ? errno : EIO) }
            rest = rest.dropFirst(count)
        }
    }

    /// Checks the content and gives the file its name; a wrong one is removed.
    func publish(as target: String) throws(ModelHubError) {
        let found = ContentHash.text(of: hash)
        guard found == remote.hash.text else {
            unlink(path)
            throw corrupt("has the hash \(found)", "have \(remote.hash.text)")
        }
        guard fsync(descriptor) == 0, rename(path, target) == 0 else {
            throw Folders.unwritable(target, errno)
        }
    }

    private func corrupt(_ problem: String, _ expected: String) -> ModelHubError {
        ModelHubError(
            .corrupt,
            at: remote.path,
            "\(problem), should \(expected)",
            fix: "start again, the damaged part was removed; if it stays, try another network"
        )
    }
}
