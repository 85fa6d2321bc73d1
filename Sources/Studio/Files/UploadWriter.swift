import CDispatch
import Crypto
import Foundation
import Glibc
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// Writes one piece of an upload behind what is there.
final class UploadWriter: Sendable {
    let path: String
    private let upload: Upload
    private let offset: Int64
    private let descriptor: Int32

    /// - Throws: `StudioError` 409 if the piece does not begin where the last one ended, 413 if it is too long.
    init(_ path: String, upload: Upload, at offset: Int64, length: Int64?) throws {
        self.path = path
        self.upload = upload
        self.offset = offset
        descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw StudioError(
                .notFound,
                upload.name,
                "has lost its first part",
                fix: "begin it again"
            )
        }
        // Whatever is thrown from here on, `deinit` closes the file: all properties are there.
        let size = try Self.size(of: path)
        guard size == offset else { throw Self.gap(upload.name, offset, size) }
        if let length, length > upload.size - offset { throw tooLong() }
    }

    deinit { close(descriptor) }

    /// Writes the body as it comes.
    ///
    /// - Returns: bytes of the file afterwards. If the sender goes away, what has come stays.
    func write(_ body: RequestBody) async throws -> Int64 {
        var end = offset
        for try await buffer in body {
            guard Int64(buffer.readableBytes) <= upload.size - end else {
                ftruncate(descriptor, off_t(offset))
                throw tooLong()
            }
            let place = end
            try await NIOThreadPool.singleton.runIfActive { [self] in try write(buffer, at: place) }
            end += Int64(buffer.readableBytes)
        }
        return end
    }

    /// Waits until all bytes are on the disk, and compares their SHA-256 with what was announced.
    func verify() async throws {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            guard fsync(descriptor) == 0 else { throw failure(errno) }
            guard let wanted = upload.sha256 else { return }
            let digest = try digest()
            guard digest == wanted else {
                throw StudioError(
                    .unprocessableContent,
                    upload.name,
                    "has the SHA-256 \(digest), expected \(wanted)",
                    fix: "upload it again"
                )
            }
        }
    }

    static func size(of path: String) throws -> Int64 {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw StudioError(.notFound, "upload", "has lost its first part", fix: "begin it again")
        }
        return Int64(status.st_size)
    }

    private func write(_ buffer: ByteBuffer, at place: Int64) throws {
        try buffer.withUnsafeReadableBytes { bytes in
            var done = 0
            while done < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                let count = pwrite(
                    descriptor,
                    rest.baseAddress,
                    rest.count,
                    off_t(place) + off_t(done)
                )
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failure(errno) }
                done += count
            }
        }
    }

    private func digest() throws -> String {
        var hash = SHA256()
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var place: off_t = 0
        while true {
            let count = pread(descriptor, &bytes, bytes.count, place)
            guard count >= 0 else { throw failure(errno) }
            if count == 0 { break }
            hash.update(data: bytes[..<count])
            place += off_t(count)
        }
        return hash.finalize().map { String(format: "%02x", $0) }.joined()
    }

    private func failure(_ code: Int32) -> StudioError {
        StudioError(
            code == ENOSPC
                ? HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
                : .internalServerError,
            upload.name,
            "cannot be written: \(String(cString: strerror(code)))",
            fix: "free some space, then go on with it"
        )
    }

    private func tooLong() -> StudioError {
        StudioError(
            .contentTooLarge,
            upload.name,
            "gets more than the \(upload.size) bytes that were announced",
            fix: "begin it again with its real size"
        )
    }

    private static func gap(_ name: String, _ offset: Int64, _ size: Int64) -> StudioError {
        StudioError(
            .conflict,
            name,
            "has \(size) bytes, but the piece begins at \(offset)",
            fix: "go on at \(size)",
            headers: [.uploadOffset: "\(size)"]
        )
    }
}

extension HTTPField.Name {
    /// Where a piece begins, and where the next one should.
    static let uploadOffset = HTTPField.Name("Upload-Offset") ?? .contentRange
}
