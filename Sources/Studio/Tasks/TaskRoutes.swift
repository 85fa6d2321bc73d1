import Foundation
import HTTPTypes
import Hummingbird
import JobControl
import NIOCore
import RunStore

/// Tasks: starting one, asking for it, following it, ending it.
struct TaskRoutes: StudioRoutes {
    private let store: TaskStore
    let jobs: JobStore
    var history: TaskHistory { TaskHistory(store: store) }
    let runner: TaskRunner

    /// Routes over a store; tasks run this program.
    ///
    /// - Throws: `StoreError`.
    init(database: RunDatabase, roots: Roots, home: String, program: String) throws {
        store = database.tasks
        jobs = database.jobs
        runner = try TaskRunner(
            database: database,
            roots: roots,
            home: home,
            program: program
        )
    }

    private struct Kind: Decodable { let kind: String }
    private struct Arguments<Value: Decodable>: Decodable { let arguments: Value }

    /// Adds the addresses.
    func add(to router: Router<StudioContext>) {
        router.post("/api/tasks") { request, _ in
            let task = try await start(try await request.jsonBody())
            return try Response.json(["id": task.id], status: .created)
        }
        router.get("/api/tasks") { _, _ in
            let tasks = try store.latest().map { TaskAnswer($0, lines: []) }
            return try Response.json(["tasks": tasks])
        }
        router.get("/api/tasks/{id}") { _, context in
            try await answer(try store.task(try JobRoutes.id(context)))
        }
        router.post("/api/tasks/{id}/cancel") { _, context in
            try await answer(try await runner.cancel(try JobRoutes.id(context)))
        }
        router.get("/api/tasks/{id}/events") { request, context in
            try follow(try JobRoutes.id(context), request)
        }
    }

    private func start(_ body: Data) async throws -> TaskRecord {
        let name = try Request.decoded(Kind.self, from: body).kind
        guard let kind = TaskKinds.all.first(where: { $0.name == name }) else {
            throw StudioError(
                .badRequest,
                "kind",
                "is \"\(name.prefix(40))\", expected one of \(TaskKinds.all.map { $0.name }.joined(separator: ", "))",
                fix: "correct the request"
            )
        }
        return try await start(kind, body)
    }

    private func start<Kind: TaskKind>(_ kind: Kind.Type, _ body: Data) async throws -> TaskRecord {
        let wish = try Request.decoded(Arguments<Kind>.self, from: body).arguments
        let whole = try JSONSerialization.jsonObject(with: body) as? [String: Any]
        let arguments = try JSONSerialization.data(
            withJSONObject: whole?["arguments"] ?? [String: Any](),
            options: [.sortedKeys]
        )
        return try await runner.start(wish, arguments: String(decoding: arguments, as: UTF8.self))
    }

    private func answer(_ task: TaskRecord) async throws -> Response {
        try .json(TaskAnswer(task, lines: await runner.lines(of: task.id)))
    }

    /// `line` and `ended`; a task that has ended already says so at once.
    private func follow(_ id: String, _ request: Request) throws -> Response {
        let events = runner.broadcast.listen()
        let task = try store.task(id)
        if task.state != .running {
            let ended = try ServerEvent("ended", TaskAnswer(task, lines: []))
            return EventStream { _ in
                AsyncStream { continuation in
                    continuation.yield(ended)
                    continuation.finish()
                }
            }.response(to: request)
        }
        return EventStream { _ in
            events.compactMap { event -> ServerEvent? in
                switch event {
                case .line(id, let text): try ServerEvent("line", ["text": text])
                case .ended(let task) where task.id == id:
                    try ServerEvent("ended", TaskAnswer(task, lines: []))
                case .behind: ServerEvent("behind", json: "{}", key: "behind")
                case .line, .ended: nil
                }
            }
        }.response(to: request)
    }
}
