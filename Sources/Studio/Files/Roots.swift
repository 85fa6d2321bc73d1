import CDispatch
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
    /// The studio's own folder, where pages change nothing.
    private let own: String?

    /// - Parameters:
    ///   - paths: the folders.
    ///   - own: the studio's own folder, be it one of them, below or above one; nil if there is none.
    /// - Throws: `StudioError` for a folder that is not there.
    public init(_ paths: [String], own: String? = nil) throws {
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
        self.own = own.flatMap(Self.real)
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

    /// The real path of a file or folder that pages may change.
    ///
    /// - Throws: as `existing`, and `StudioError` 403 for what the studio keeps for itself.
    public func changeable(_ address: String) throws -> String {
        let path = try existing(address)
        guard let own, Self.isBelow(path, own) else { return path }
        throw StudioError(
            .forbidden,
            address,
            "is the studio's own, which pages do not change",
            fix: "choose a folder outside of the studio's home"
        )
    }

    /// A path for a file that may be made: its folder is there and may be changed, its name is a name.
    public func creatable(_ name: String, in address: String) throws -> String {
        let folder = try changeable(address)
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

    /// The address of a real path by the innermost root; nil if it lies below no root.
    public func address(of path: String) -> String? {
        let around = folders.enumerated().filter { Self.isBelow(path, $0.element.path) }
        guard
            let (index, folder) = around.max(by: { $0.element.path.count < $1.element.path.count })
        else { return nil }
        let rest = path.dropFirst(folder.path.count).drop { $0 == "/" }
        return rest.isEmpty ? "\(index)" : "\(index)/\(rest)"
    }

    /// Whether pages may see what lies at a real path: below a root, in no hidden folder, and not what the studio
    /// keeps for itself: its store, its uploads, what it knows of processes.
    public func contains(_ path: String) -> Bool {
        guard let address = address(of: path) else { return false }
        if address.split(separator: "/").contains(where: { $0.hasPrefix(".") }) { return false }
        guard let own, Self.isBelow(path, own), path != own else { return true }
        let parts = path.dropFirst(own.count).split(separator: "/")
        let isPrivate = parts.first.map { Self.privateNames.contains(String($0)) } ?? false
        return !isPrivate && !parts[0].hasPrefix("studio.sqlite")
    }

    /// Folders of the studio's home that pages reach by other addresses, or not at all.
    private static let privateNames: Set = ["jobs", "tasks", "uploads"]

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
                "is hidden, the studio's own, or a link to a place outside of the studio's folders",
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
