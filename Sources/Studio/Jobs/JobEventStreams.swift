import Hummingbird
import JobControl
import RunStore

/// What happens to jobs, as events for pages: of all jobs, or of one with its log and previews.
struct JobEventStreams {
    let supervisor: Supervisor
    let roots: Roots
    let samples: SampleAnswers

    /// `job`, `progress`, `removed`, `queue`, `problem`, `behind`.
    func ofAll(_ request: Request) -> Response {
        response(to: request) { event in
            switch event {
            case .changed(let job):
                try ServerEvent("job", JobAnswer(job, roots: roots), key: "job \(job.id)")
            case .progress(let job):
                try ServerEvent("progress", ProgressAnswer(job), key: "progress \(job.id)")
            case .removed(let job): try ServerEvent("removed", ["id": job])
            case .queue(let queue):
                try ServerEvent("queue", queue, key: "queue \(queue.device)")
            case .problem(let job, let text):
                try ServerEvent("problem", ["job": job, "text": text])
            case .behind: Self.behind
            case .sample, .saved, .log: nil
            }
        }
    }

    /// `state`, `step`, `log`, `sample`, `saved`, `problem`, `behind`.
    func of(_ id: String, _ request: Request) -> Response {
        response(to: request) { event in
            if event == .behind { return Self.behind }
            guard event.job == id else { return nil }
            return switch event {
            case .changed(let job):
                try ServerEvent("state", JobAnswer(job, roots: roots), key: "state")
            case .progress(let job): try ServerEvent("step", ProgressAnswer(job), key: "step")
            case .log(_, let bytes): try ServerEvent("log", ["size": bytes], key: "log")
            case .sample(_, let sample):
                try samples.answer(sample, of: id).map { try ServerEvent("sample", $0) }
            case .saved(_, let step): try ServerEvent("saved", ["step": step])
            case .problem(_, let text): try ServerEvent("problem", ["text": text])
            case .removed, .queue, .behind: nil
            }
        }
    }

    private static let behind = ServerEvent("behind", json: "{}", key: "behind")

    private func response(
        to request: Request,
        _ shown: @escaping @Sendable (JobEvent) throws -> ServerEvent?
    ) -> Response {
        let events = supervisor.events()
        return EventStream { _ in events.compactMap(shown) }.response(to: request)
    }
}
