import Foundation
import HTTPTypes
import Hummingbird
import Media
import NIOCore
import RunConfig

/// Folders of clips: what is in them, how it looks and sounds, captions.
struct DatasetRoutes: StudioRoutes {
    static let prefix = "/api/datasets/"
    private let roots: Roots
    private let probes = ClipProbes()
    private let cuts: ClipCuts?
    private let history: FolderHistory?

    /// Routes over folders; clips can be cut, and verdicts are shown, where tasks are run.
    init(roots: Roots, tasks: TaskRoutes? = nil) {
        self.roots = roots
        cuts = tasks.map { ClipCuts(runner: $0.runner) }
        history = tasks.map { tasks in
            FolderHistory(tasks: tasks.history, jobs: tasks.jobs, roots: roots)
        }
    }

    private struct New: Decodable { let path: String }
    private struct Caption: Decodable { let text: String }
    private struct Mark: Decodable { let heldOut: Bool }

    private struct Folder: Encodable {
        let path: String
        let name: String
        let clips: [ClipAnswer]
        let review: ConfigValue?
        let trigger: String?
    }

    /// Adds the addresses.
    func add(to router: Router<StudioContext>) {
        router.get("/api/datasets") { _, _ in
            try await SlowWork.do {
                try Response.json(["datasets": DatasetFolders(roots: roots, probes: probes).all()])
            }
        }
        router.post("/api/datasets") { request, _ in
            try create(try await request.json(as: New.self).path)
        }
        router.get("/api/datasets/**") { request, _ in
            try await SlowWork.do { try shown(request) }
        }
        router.put("/api/datasets/**") { request, _ in
            let clip = try clip(request, behind: "caption", isChanged: true)
            try CaptionText(clip: clip).write(try await request.json(as: Caption.self).text)
            return try answer(clip: clip)
        }
        router.delete("/api/datasets/**") { request, _ in
            let address = try FileRoutes.address(in: request.uri.path, behind: Self.prefix)
            try ClipBin.take(try clip(at: address, isChanged: true))
            return Response.done
        }
        router.post("/api/datasets/**") { request, _ in
            if request.uri.path.hasSuffix("/held-out") { return try await mark(request) }
            if let answer = try await cut(request) { return answer }
            let folder = try roots.changeable(try address(request, behind: "replace"))
            let wish = try await request.json(as: CaptionReplacement.self)
            return try await SlowWork.do {
                try Response.json(["changes": try wish.apply(in: folder, roots: roots)])
            }
        }
    }

    private func mark(_ request: Request) async throws -> Response {
        let clip = try clip(request, behind: "held-out", isChanged: true)
        let wish = try await request.json(as: Mark.self)
        var marks = HeldOutMarks(folder: (clip as NSString).deletingLastPathComponent)
        try marks.set((clip as NSString).lastPathComponent, wish.heldOut)
        return try answer(clip: clip)
    }

    private func create(_ address: String) throws -> Response {
        var (folder, isNew) = ("", false)
        let parts = address.split(separator: "/").map(String.init)
        // Step by step: each part is a name, and what is there already may be a link.
        for count in parts.indices.dropFirst() {
            let known = parts[..<count].joined(separator: "/")
            folder = try roots.creatable(parts[count], in: known)
            isNew = !FileManager.default.fileExists(atPath: folder)
            guard isNew else { continue }
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: false
            )
        }
        guard isNew else {
            throw StudioError(.conflict, address, "is there already", fix: "choose another name")
        }
        return try .json(
            DatasetFolders(roots: roots, probes: probes).entry(at: folder),
            status: .created
        )
    }

    /// A folder, or a small picture of a clip: told apart by the address's last part.
    private func shown(_ request: Request) throws -> Response {
        let address = try FileRoutes.address(in: request.uri.path, behind: Self.prefix)
        if address.hasSuffix("/thumbnail") {
            let picture = try ClipPictures.thumbnail(try clip(request, behind: "thumbnail"))
            return Self.picture(ByteBuffer(bytes: picture), "image/jpeg")
        }
        if address.hasSuffix("/waveform") {
            let drawing = try ClipPictures.waveform(try clip(request, behind: "waveform"))
            return Self.picture(ByteBuffer(string: drawing), "image/svg+xml")
        }
        let folder = try roots.existing(address)
        let clips = DatasetFolders.clips(in: folder, roots: roots).map { name in
            ClipAnswer(
                file: "\(folder)/\(name)",
                address: "\(address)/\(name)",
                probes: probes
            )
        }
        return try .json(
            Folder(
                path: address,
                name: (folder as NSString).lastPathComponent,
                clips: clips,
                review: try history?.review(of: address),
                trigger: try history?.trigger(of: folder)
            )
        )
    }

    /// The real path of the clip that a request's address names before its last part, a word of ours.
    private func clip(
        _ request: Request,
        behind word: String,
        isChanged: Bool = false
    ) throws -> String {
        try clip(at: try address(request, behind: word), isChanged: isChanged)
    }

    /// Clips only: what lies beside them is changed too, and beside a root that would be outside of it.
    private func clip(at address: String, isChanged: Bool) throws -> String {
        let clip = try isChanged ? roots.changeable(address) : roots.existing(address)
        guard MediaKind(path: clip) != nil, PlainFile.isThere(clip) else {
            throw StudioError(.badRequest, address, "is no clip", fix: "name a clip")
        }
        return clip
    }

    /// What a request's address names before its last part, which is a word of ours.
    private func address(_ request: Request, behind word: String) throws -> String {
        let address = try FileRoutes.address(in: request.uri.path, behind: Self.prefix)
        guard address.hasSuffix("/\(word)") else {
            throw StudioError(
                .notFound,
                "\(request.method) \(request.uri.path)",
                "is no address of the studio",
                fix: "open /"
            )
        }
        return String(address.dropLast(word.count + 1))
    }

    /// Starts to cut a clip; nil for other addresses.
    private func cut(_ request: Request) async throws -> Response? {
        let address = try FileRoutes.address(in: request.uri.path, behind: Self.prefix)
        guard let cuts, let word = ClipCuts.words.first(where: { address.hasSuffix("/\($0)") })
        else {
            return nil
        }
        let clip = String(address.dropLast(word.count + 1))
        return try await cuts.start(word, of: clip, request)
    }

    private func answer(clip: String) throws -> Response {
        try .json(ClipAnswer(file: clip, address: roots.address(of: clip) ?? "", probes: probes))
    }

    /// A clip's picture is asked for again when the clip was changed: pages put its time into the address.
    private static func picture(_ bytes: ByteBuffer, _ type: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: type, .cacheControl: "private, max-age=3600"],
            body: ResponseBody(byteBuffer: bytes)
        )
    }
}
