import Foundation
import HTTPTypes
import Hummingbird
import JobControl
import RunConfig
import RunStore

/// What a job's own page shows: curves, log, previews, files.
struct JobDetailRoutes: StudioRoutes {
    private let supervisor: Supervisor
    private let database: RunDatabase
    private let roots: Roots
    private var history: TaskHistory { TaskHistory(store: database.tasks) }

    /// Routes over a supervisor and its store.
    init(supervisor: Supervisor, database: RunDatabase, roots: Roots) {
        self.supervisor = supervisor
        self.database = database
        self.roots = roots
    }

    private struct Log: Encodable {
        let from: Int
        let to: Int
        let size: Int
        let text: String
    }

    /// Adds the addresses.
    func add(to router: Router<StudioContext>) {
        router.get("/api/jobs/{id}/series") { request, context in
            Response.json(bytes: try await series(of: try JobRoutes.id(context), request))
        }
        router.get("/api/jobs/{id}/log") { request, context in
            let job = try database.jobs.job(try JobRoutes.id(context))
            let from = Self.number("from", in: request) ?? -(16 << 10)
            return try Response.json(try log(of: job, from: from))
        }
        router.get("/api/jobs/{id}/samples") { _, context in
            let samples = SampleAnswers(database: database, roots: roots)
            return try Response.json(["samples": try samples.all(of: try JobRoutes.id(context))])
        }
        router.get("/api/jobs/{id}/files") { _, context in
            let job = try database.jobs.job(try JobRoutes.id(context))
            return try Response.json(["files": RunFolderFiles(roots: roots).all(in: job.folder)])
        }
        router.get("/api/jobs/{id}/plan") { _, context in
            let text = try database.jobs.runFile(of: try JobRoutes.id(context))
            let task = try history.newest(PlanTask.self) { $0["yaml"] == .text(text) }
            return try Response.json([
                "plan": task?.result, "task": task?.running.map { .text($0) },
            ])
        }
        router.get("/api/jobs/{id}/inspect") { _, context in
            let job = try database.jobs.job(try JobRoutes.id(context))
            return try Response.json(try inspection(of: job))
        }
        router.get("/api/jobs/{id}/yaml") { _, context in
            let job = try database.jobs.job(try JobRoutes.id(context))
            return Self.attachment(try database.jobs.runFile(of: job.id), name: job.name)
        }
    }

    private func series(of id: String, _ request: Request) async throws -> Data {
        let job = try database.jobs.job(id)
        let query = request.uri.queryParameters
        let keys = query["keys"].map { $0.split(separator: ",").map(String.init) } ?? []
        let found = try await database.metrics.series(
            of: id,
            keys: keys,
            from: Self.number("from", in: request),
            to: Self.number("to", in: request),
            points: Self.number("points", in: request) ?? 1000
        )
        return try SeriesText(
            series: found,
            keys: try await database.metrics.keys(of: id),
            lastStep: job.step
        ).json
    }

    /// From a place below 0 on, counted from the end, at a line's beginning.
    private func log(of job: Job, from: Int) throws -> Log {
        let path = supervisor.folder(of: job.id).log
        var part = try LogTail.read(path, from: from)
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        if from < 0, part.start > 0, let line = part.text.firstIndex(of: "\n") {
            let cut = part.text[...line].utf8.count
            part = try LogTail.read(path, from: part.start + cut)
        }
        return Log(from: part.start, to: part.next, size: max(size, part.next), text: part.text)
    }

    /// What the newest adapter holds, if that was asked since it was written; `file` is the adapter.
    private func inspection(of job: Job) throws -> [String: ConfigValue?] {
        let adapter = RunFolderFiles(roots: roots).all(in: job.folder)
            .filter { $0.kind == .adapter }.max { $0.modifiedAt < $1.modifiedAt }
        guard let adapter else { return ["report": nil, "task": nil, "file": nil] }
        let task = try history.newest(InspectTask.self, since: adapter.modifiedAt) {
            $0["file"] == .text(adapter.path) && $0["second"] == nil
        }
        let running = task?.running.map { ConfigValue.text($0) }
        return ["report": task?.result, "task": running, "file": .text(adapter.path)]
    }

    private static func number(_ name: String, in request: Request) -> Int? {
        request.uri.queryParameters[Substring(name)].flatMap { Int($0) }
    }

    private static func attachment(_ text: String, name: String) -> Response {
        let plain = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/yaml; charset=utf-8",
                .contentDisposition: "attachment; filename=\"\(plain).yaml\"",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
