import Foundation
import HTTPTypes
import Hummingbird
import JobControl
import RunConfig
import RunFiles
import RunStore

/// Jobs: what there are, making and changing them, starting and stopping.
struct JobRoutes: StudioRoutes {
    private let supervisor: Supervisor
    private let jobs: JobStore
    private let queues: QueueStore
    private let roots: Roots
    private let streams: JobEventStreams
    private let list: JobList

    /// Routes over a supervisor and its store.
    init(supervisor: Supervisor, database: RunDatabase, roots: Roots) {
        self.supervisor = supervisor
        self.roots = roots
        list = JobList(roots: roots)
        jobs = database.jobs
        queues = database.queues
        streams = JobEventStreams(
            supervisor: supervisor,
            roots: roots,
            samples: SampleAnswers(database: database, roots: roots)
        )
    }

    private struct NewJob: Decodable {
        let yaml: String
        let device: String?
    }

    private struct Start: Decodable { let over: Bool? }
    private struct Stop: Decodable { let atOnce: Bool? }
    private struct Clone: Decodable { let name: String? }
    private struct Move: Decodable { let before: String? }
    private struct Pause: Decodable { let paused: Bool }

    /// Adds the addresses.
    func add(to router: Router<StudioContext>) {
        addList(to: router)
        addSingle(to: router)
        addActions(to: router)
        addBin(to: router)
    }

    private func addList(to router: Router<StudioContext>) {
        router.get("/api/jobs") { request, _ in
            let state = request.uri.queryParameters["state"].flatMap { JobState(rawValue: "\($0)") }
            return Response.json(bytes: try list.json(try jobs.all(in: state), try queues.all()))
        }
        router.post("/api/jobs") { request, _ in
            let new = try await request.json(as: NewJob.self)
            let job = try await supervisor.create(runFile: new.yaml, device: new.device)
            return try answer(job, status: .created)
        }
        router.get("/api/events") { request, _ in streams.ofAll(request) }
        router.post("/api/queues/{device}") { request, context in
            let device = try context.parameters.require("device")
            let wish = try await request.json(as: Pause.self)
            try await supervisor.setPaused(wish.paused, device: device)
            return try Response.json(DeviceQueue(device: device, isPaused: wish.paused))
        }
    }

    private func addSingle(to router: Router<StudioContext>) {
        router.get("/api/jobs/{id}") { _, context in
            let job = try jobs.job(try Self.id(context))
            let text = try jobs.runFile(of: job.id)
            return try Response.json(JobAnswer(job, roots: roots, yaml: text))
        }
        router.put("/api/jobs/{id}") { request, context in
            let new = try await request.json(as: NewJob.self)
            let id = try Self.id(context)
            return try answer(
                try await supervisor.edit(id, runFile: new.yaml, device: new.device)
            )
        }
        router.delete("/api/jobs/{id}") { _, context in
            try await supervisor.delete(try Self.id(context))
            return Response.done
        }
        router.get("/api/jobs/{id}/events") { request, context in
            let job = try jobs.job(try Self.id(context))
            return streams.of(job.id, request)
        }
    }

    private func addActions(to router: Router<StudioContext>) {
        router.post("/api/jobs/{id}/start") { request, context in
            let wish = try await request.json(as: Start.self)
            let mode: StartMode = wish.over == true ? .restart : .fresh
            return try answer(try await supervisor.start(try Self.id(context), mode: mode))
        }
        router.post("/api/jobs/{id}/resume") { _, context in
            try answer(try await supervisor.resume(try Self.id(context)))
        }
        router.post("/api/jobs/{id}/stop") { request, context in
            let wish = try await request.json(as: Stop.self)
            let id = try Self.id(context)
            return try answer(try await supervisor.stop(id, atOnce: wish.atOnce ?? false))
        }
        for (name, wish) in [("save-now", RunWish.saveNow), ("sample-now", .sampleNow)] {
            router.post("/api/jobs/{id}/\(name)") { _, context in
                let id = try Self.id(context)
                try await supervisor.ask(wish, of: id)
                return try answer(try jobs.job(id))
            }
        }
        router.post("/api/jobs/{id}/clone") { request, context in
            let wish = try await request.json(as: Clone.self)
            return try answer(
                try await copy(of: try Self.id(context), name: wish.name),
                status: .created
            )
        }
        router.post("/api/jobs/{id}/move") { request, context in
            let wish = try await request.json(as: Move.self)
            let id = try Self.id(context)
            try await supervisor.move(id, before: wish.before)
            return try answer(try jobs.job(id))
        }
    }

    private func addBin(to router: Router<StudioContext>) {
        router.get("/api/bin") { _, _ in
            let found = try jobs.bin().map { JobAnswer($0, roots: roots) }
            return try Response.json(["jobs": found])
        }
        router.post("/api/bin/{id}/restore") { _, context in
            try answer(try await supervisor.restore(try Self.id(context)))
        }
        router.delete("/api/bin/{id}") { _, context in
            try await supervisor.erase(try Self.id(context))
            return Response.done
        }
    }

    /// A new job with the same run file under another name.
    private func copy(of id: String, name: String?) async throws -> Job {
        let old = try jobs.job(id)
        let edit: RunFileEdit
        do {
            edit = try RunFileEditor.edit(
                "config.name",
                to: .text(try name ?? freeName(like: old.name)),
                in: try jobs.runFile(of: id)
            )
        } catch let error as RunFileEditFault {
            throw StudioError(
                .unprocessableContent,
                "job \"\(old.name)\"",
                error.message,
                fix: error.fix
            )
        }
        return try await supervisor.create(runFile: edit.text, device: old.device)
    }

    /// `name_2`, `name_3` …: the first that no job has.
    private func freeName(like name: String) throws -> String {
        let taken = Set(try jobs.all().map(\.name))
        var number = 2
        while taken.contains("\(name)_\(number)") { number += 1 }
        return "\(name)_\(number)"
    }

    private func answer(_ job: Job, status: HTTPResponse.Status = .ok) throws -> Response {
        try .json(JobAnswer(job, roots: roots), status: status)
    }

    static func id(_ context: StudioContext) throws -> String {
        try context.parameters.require("id")
    }
}
