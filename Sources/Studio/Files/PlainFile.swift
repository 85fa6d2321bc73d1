import CDispatch
import Foundation
import Glibc

/// Small files beside clips.
///
/// They come with folders from anywhere, so no link is followed: what it leads to could be any file of the user's,
/// and its text would be shown in the page.
enum PlainFile {
    /// Bytes of the longest text that is read.
    static let limit = 1 << 20

    /// What a regular file holds; nil for links, pipes, and what is not there or too long.
    static func contents(_ path: String) -> Data? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= limit
        else { return nil }
        return try? file.readToEnd() ?? Data()
    }

    /// Whether a regular file is there, at the end of links too; a pipe would hold up whoever opens it.
    static func isThere(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
