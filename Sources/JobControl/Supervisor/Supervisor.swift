import Foundation
import RunFiles
public import RunStore

#if canImport(Glibc)
import Glibc
#endif

/// Starts jobs in the order of their queues, watches their processes, and keeps what they tell in the store.
///
/// The only one that changes a job's state. It holds nothing that the store and the jobs' folders do not, so that
/// it finds everything again after the server was ended in any way; jobs go on meanwhile.
public actor Supervisor {
    let database: RunDatabase
    let launcher: JobLauncher
    /// What is known of jobs at work beside the store; may be lost.
    var watches: [String: JobWatch] = [:]
    private let home: String
    private let broadcast = EventBroadcast<JobEvent>(behind: .behind)

    /// Joins store and launcher; nothing is started or looked at yet.
    ///
    /// - Parameters:
    ///   - database: the store.
    ///   - home: the studio's folder; jobs get theirs in `jobs` below it.
    ///   - launcher: how processes are started.
    public init(database: RunDatabase, home: String, launcher: JobLauncher = JobLauncher()) {
        self.database = database
        self.home = home
        self.launcher = launcher
    }

    /// Everything that happens from now on, to one listener.
    public nonisolated func events() -> AsyncStream<JobEvent> { broadcast.listen() }

    /// The studio's own folder of a job.
    public nonisolated func folder(of id: String) -> JobFolder {
        JobFolder(path: "\(home)/jobs/\(id)")
    }

    /// Looks after jobs until the task is cancelled; jobs go on then.
    ///
    /// - Parameter interval: time between two looks.
    public func run(every interval: Duration = .milliseconds(500)) async {
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: interval)  // fails only when cancelled, which ends the loop
        }
    }

    /// Looks once: at every job at work, then at the queues.
    public func look() async {
        do {
            let working = try JobState.working.flatMap { try database.jobs.all(in: $0) }
            for job in working { await attempt(job.id) { try await self.watch(job) } }
            for job in try nextJobs() { await attempt(job.id) { try await self.launch(job) } }
        } catch {
            send(.problem(job: nil, "\(error)"))
        }
    }

    /// One job that cannot be looked after is no reason to leave the others alone.
    private func attempt(_ id: String, _ body: () async throws -> Void) async {
        do { try await body() } catch { send(.problem(job: id, "\(error)")) }
    }

    nonisolated func send(_ event: JobEvent) { broadcast.send(event) }

    /// Changes a job in the store and tells of it.
    @discardableResult
    func change(_ id: String, _ body: @Sendable (inout Job) throws -> Void) throws -> Job {
        let job = try database.jobs.update(id, body)
        send(.changed(job))
        return job
    }
}

extension JobState {
    /// States in which a job has a process.
    static let working: [JobState] = [.running, .stopping]
}
