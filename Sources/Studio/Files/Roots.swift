import Foundation
import Glibc
import HTTPTypes

/// The folders that pages may read and write in; every path from a browser goes through here.
public struct Roots: Sendable {
    /// One of them.
    public struct Folder: Sendable, Equatable {
        /// The last part of its path.
        public let name: String
        /// Where it really is, without symbolic links.
        public let path: String
    }

    /// All of them; their places are the numbers in addresses.
    public let folders: [Folder]

    /// - Throws: `StudioError` for a folder that is not there.
    public init(_ paths: [String]) throws {
        var folders: [Folder] = []
        for path in paths {
            guard let real = Self.real(path), Self.isFolder(real) else {
                throw StudioError(
                    .badRequest,
                    path,
                    "is no folder that can be read",
                    fix: "create it, or name another with --root"
                )
            }
            guard !folders.contains(where: { $0.path == real }) else { continue }
            folders.append(
                Folder(name: real.split(separator: "/").last.map(String.init) ?? "/", path: real)
            )
        }
        self.folders = folders
    }

    /// The real path of a file or folder that is there.
    ///
    /// - Parameter address: `ROOT/relative/path`, such as `0/clips/a.mp4`.
    /// - Returns: a path without links, below a root.
    /// - Throws: `StudioError` 400 for what is no such path, 404 for what is not there, 403 for what lies elsewhere.
    public func existing(_ address: String) throws -> String {
        let (folder, parts) = try split(address)
        return try resolved(([folder.path] + parts).joined(separator: "/"), in: folder, address)
    }

    /// A path for a file that may be made: its folder is there, its name is a name.
    public func creatable(_ name: String, in address: String) throws -> String {
        let folder = try existing(address)
        try Self.check(name: name)
        guard Self.isFolder(folder) else {
            throw StudioError(
                .badRequest,
                address,
                "is a file, expected a folder",
                fix: "name its folder"
            )
        }
        return folder + "/" + name
    }

    /// The address of a real path; nil if it lies below no root.
    public func address(of path: String) -> String? {
        for (index, folder) in folders.enumerated() where Self.isBelow(path, folder.path) {
            let rest = path.dropFirst(folder.path.count).drop { $0 == "/" }
            return rest.isEmpty ? "\(index)" : "\(index)/\(rest)"
        }
        return nil
    }

    /// Whether a real path lies below any root.
    public func contains(_ path: String) -> Bool { address(of: path) != nil }

    /// Refuses what is no plain name of a file: separators, dots alone, hidden names, control characters.
    public static func check(name: String) throws {
        let isFault =
            name.isEmpty || name.utf8.count > 255 || name.hasPrefix(".")
            || name.unicodeScalars.contains {
                $0 == "/" || $0 == "\\" || $0.value < 0x20 || $0.value == 0x7f
            }
        guard isFault else { return }
        throw StudioError(
            .badRequest,
            "name",
            "\"\(name.prefix(60))\" is no name of a file",
            fix: "use up to 255 letters, digits, spaces, dots and dashes, no dot first"
        )
    }

    private func split(_ address: String) throws -> (Folder, [String]) {
        let parts = address.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        guard let first = parts.first, let index = Int(first), folders.indices.contains(index),
            first.allSatisfy(\.isNumber)
        else {
            throw StudioError(
                .badRequest,
                address,
                "names no root, expected a number below \(folders.count) first",
                fix: "take the roots from /api/session"
            )
        }
        for part in parts where part == ".." || part == "." || part.utf8.contains(0) {
            throw StudioError(
                .badRequest,
                address,
                "has \"\(part.utf8.contains(0) ? "NUL" : part)\" in it",
                fix: "name the path from its root on"
            )
        }
        return (folders[index], Array(parts.dropFirst()))
    }

    private func resolved(_ path: String, in folder: Folder, _ address: String) throws -> String {
        guard let real = Self.real(path) else {
            throw StudioError(.notFound, address, "does not exist", fix: "reload the list of files")
        }
        guard contains(real) else {
            throw StudioError(
                .forbidden,
                address,
                "is a link to a place outside of the studio's folders",
                fix: "start the studio with --root for that folder"
            )
        }
        return real
    }

    private static func isBelow(_ path: String, _ folder: String) -> Bool {
        path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The path without links and dots; nil if nothing is there.
    static func real(_ path: String) -> String? {
        guard !path.utf8.contains(0), let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}
