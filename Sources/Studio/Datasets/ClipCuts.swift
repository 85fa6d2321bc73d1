import Foundation
import Hummingbird
import RunStore

/// Cutting a clip, asked for at the clip's own address: starts a task and names it.
struct ClipCuts {
    let runner: TaskRunner

    private struct Window: Decodable {
        let from: Double
        let to: Double?
    }

    private struct Split: Decodable {
        let by: String
        let min: Double?
        let max: Double?
    }

    private struct Answer: Encodable { let task: String }

    /// The words that end such addresses.
    static let words = ["trim", "split"]

    /// Starts what the last part of the request's address says.
    ///
    /// - Throws: `StudioError` for a clip outside of the roots and a rule that is not known.
    func start(_ word: String, of clip: String, _ request: Request) async throws -> Response {
        word == "trim" ? try await trim(clip, request) : try await split(clip, request)
    }

    private func trim(_ clip: String, _ request: Request) async throws -> Response {
        let window = try await request.json(as: Window.self)
        let task = TrimTask(clip: clip, from: window.from, to: window.to)
        var record: [String: Any] = ["clip": clip, "from": window.from]
        record["to"] = window.to
        return try await answer(task, record)
    }

    private func split(_ clip: String, _ request: Request) async throws -> Response {
        let wish = try await request.json(as: Split.self)
        guard let rule = SplitClipTask.Rule(rawValue: wish.by) else {
            throw StudioError(
                .badRequest,
                "by",
                "is \"\(wish.by.prefix(40))\", expected silence or scene",
                fix: "correct the request"
            )
        }
        let task = SplitClipTask(clip: clip, by: rule, min: wish.min, max: wish.max)
        var record: [String: Any] = ["clip": clip, "by": wish.by]
        record["min"] = wish.min
        record["max"] = wish.max
        return try await answer(task, record)
    }

    private func answer(_ task: some TaskKind, _ record: [String: Any]) async throws -> Response {
        let arguments = try JSONSerialization.data(withJSONObject: record, options: [.sortedKeys])
        let started = try await runner.start(
            task,
            arguments: String(decoding: arguments, as: UTF8.self)
        )
        return try .json(Answer(task: started.id), status: .created)
    }
}
