import Foundation
import Glibc
import HTTPTypes
import Hummingbird

/// The uploads: begun, continued, finished; all of it on disk, so that a new server goes on with them.
public actor UploadStore {
    /// Endings of files that may be uploaded: clips, pictures, captions, run files, adapters.
    ///
    /// Sound alone is not among them: nothing is trained on it.
    public static let endings: Set = [
        "mp4", "m4v", "mov", "webm", "mkv", "avi", "wmv", "flv", "jpg", "jpeg", "png", "webp",
        "txt", "caption", "json", "yaml", "yml", "safetensors",
    ]
    private static let keptDays = 7.0

    private let folder: String
    private let roots: Roots
    private let limit: Int64
    private var busy: Set<String> = []

    /// Keeps its records below `home`, and takes files of at most `limit` bytes.
    init(home: String, roots: Roots, limit: Int64) throws {
        folder = home + "/uploads"
        self.roots = roots
        self.limit = limit
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Begins an upload of so many bytes.
    ///
    /// - Throws: `StudioError` 400, 409 if the file is there already, 413, 415, 507.
    public func begin(
        _ name: String,
        in address: String,
        size: Int64,
        sha256: String?
    ) throws -> UploadProgress {
        try check(name, size: size, sha256: sha256)
        let target = try roots.creatable(name, in: address)
        guard !FileManager.default.fileExists(atPath: target) else { throw Self.taken(name) }
        if let begun = unfinished(name, in: address, size: size, sha256: sha256) { return begun }
        try Self.checkSpace(for: size, at: target)
        removeOld()
        let upload = Upload(
            id: Sessions.random(),
            folder: address,
            name: name,
            size: size,
            sha256: sha256?.lowercased(),
            createdAt: .now,
            file: nil
        )
        let part = try partPath(of: upload)
        guard FileManager.default.createFile(atPath: part, contents: nil) else {
            throw StudioError(
                .forbidden,
                address,
                "cannot be written to",
                fix: "check the folder's permissions"
            )
        }
        try keep(upload)
        return UploadProgress(id: upload.id, name: name, offset: 0, size: size, file: nil)
    }

    /// The same file's upload that broke off, as when its page was closed.
    private func unfinished(
        _ name: String,
        in address: String,
        size: Int64,
        sha256: String?
    ) -> UploadProgress? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for record in names where record.hasSuffix(".json") {
            guard let upload = try? find(String(record.dropLast(5))), upload.file == nil,
                !busy.contains(upload.id), upload.folder == address, upload.name == name,
                upload.size == size, upload.sha256 == sha256?.lowercased()
            else { continue }
            if let progress = try? progress(upload.id) { return progress }
        }
        return nil
    }

    /// Where an upload stands.
    public func progress(_ id: String) throws -> UploadProgress {
        let upload = try find(id)
        let offset =
            upload.file == nil ? try UploadWriter.size(of: partPath(of: upload)) : upload.size
        return UploadProgress(
            id: id,
            name: upload.name,
            offset: offset,
            size: upload.size,
            file: upload.file
        )
    }

    /// Adds a piece; the last one completes the file.
    ///
    /// It has to begin at `offset`, where the last one ended; it is written as it comes, a few hundred kilobytes at a time.
    func append(
        _ body: RequestBody,
        length: Int64?,
        to id: String,
        at offset: Int64
    ) async throws -> UploadProgress {
        var upload = try find(id)
        guard upload.file == nil else { return try progress(id) }
        guard busy.insert(id).inserted else {
            throw StudioError(
                .conflict,
                upload.name,
                "is being sent already",
                fix: "wait, or close the other page"
            )
        }
        defer { busy.remove(id) }
        let writer = try UploadWriter(
            partPath(of: upload),
            upload: upload,
            at: offset,
            length: length
        )
        let end = try await writer.write(body)
        guard end == upload.size else { return try progress(id) }
        try await finish(&upload, writer)
        return try progress(id)
    }

    /// Forgets an upload and what has come of it.
    public func cancel(_ id: String) throws {
        let upload = try find(id)
        if upload.file == nil { unlink(try partPath(of: upload)) }
        unlink(recordPath(id))
    }

    private func finish(_ upload: inout Upload, _ writer: UploadWriter) async throws {
        do {
            try await writer.verify()
        } catch {
            try cancel(upload.id)
            throw error
        }
        let target = try roots.creatable(upload.name, in: upload.folder)
        // A link, unlike a renaming, never takes the place of another file.
        guard link(writer.path, target) == 0 else {
            throw errno == EEXIST ? Self.taken(upload.name) : Self.failed(upload.name, errno)
        }
        unlink(writer.path)
        upload.file = "\(upload.folder)/\(upload.name)"
        try keep(upload)
    }

    private func check(_ name: String, size: Int64, sha256: String?) throws {
        guard Self.endings.contains(ContentType.ending(of: name)) else {
            throw StudioError(
                .unsupportedMediaType,
                "name",
                "\"\(name.prefix(60))\" is no clip, picture, sound, caption, run file or adapter by its ending",
                fix: "upload files such as .mp4, .txt or .safetensors"
            )
        }
        guard size >= 0, size <= limit else {
            throw StudioError(
                .contentTooLarge,
                name,
                "has \(size) bytes, expected at most \(limit)",
                fix: "copy it into the folder by hand"
            )
        }
        guard sha256?.wholeMatch(of: #/[0-9a-fA-F]{64}/#) != nil || sha256 == nil else {
            throw StudioError(
                .badRequest,
                "sha256",
                "has not 64 hexadecimal digits",
                fix: "leave it out"
            )
        }
    }

    private static func checkSpace(for size: Int64, at path: String) throws {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        guard let free = DiskSpace(at: folder)?.free, free < size else { return }
        throw StudioError(
            HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"),
            path.split(separator: "/").last.map(String.init) ?? path,
            "has \(size) bytes, but the disk has only \(free) left",
            fix: "free some space"
        )
    }

    private static func taken(_ name: String) -> StudioError {
        StudioError(.conflict, name, "is there already", fix: "rename one of them")
    }

    private static func failed(_ name: String, _ code: Int32) -> StudioError {
        StudioError(
            .internalServerError,
            name,
            "cannot be put in its place: \(String(cString: strerror(code)))",
            fix: "send the last piece again"
        )
    }

    private func partPath(of upload: Upload) throws -> String {
        try roots.existing(upload.folder) + "/" + upload.partName
    }

    private func recordPath(_ id: String) -> String { "\(folder)/\(id).json" }

    private func find(_ id: String) throws -> Upload {
        let isID = id.wholeMatch(of: #/[A-Za-z0-9_-]{43}/#) != nil
        guard isID, let data = FileManager.default.contents(atPath: recordPath(id)),
            let upload = try? JSONDecoder().decode(Upload.self, from: data)
        else {
            throw StudioError(.notFound, "upload", "does not exist", fix: "begin it again")
        }
        return upload
    }

    private func keep(_ upload: Upload) throws {
        let data = try JSONEncoder().encode(upload)
        try data.write(to: URL(fileURLWithPath: recordPath(upload.id)), options: .atomic)
    }

    /// What nobody went on with for a week.
    private func removeOld() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasSuffix(".json") {
            let id = String(name.dropLast(5))
            guard let upload = try? find(id), !busy.contains(id),
                upload.createdAt.timeIntervalSinceNow < -Self.keptDays * 86_400
            else { continue }
            try? cancel(id)
        }
    }
}
