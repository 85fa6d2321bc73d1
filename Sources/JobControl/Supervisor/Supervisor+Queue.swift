import Foundation
import RunFiles
import RunStore

extension Supervisor {
    /// Pauses a device's queue, or goes on with it; jobs at work are left alone.
    ///
    /// - Throws: `StoreError`.
    public func setPaused(_ isPaused: Bool, device: String) throws {
        try database.queues.setPaused(isPaused, device)
        send(.queue(DeviceQueue(device: device, isPaused: isPaused)))
    }

    /// Moves a waiting job before another of its queue, or to the end.
    ///
    /// - Throws: `StoreError.noJob` if either does not wait there.
    public func move(_ id: String, before other: String?) throws {
        for job in try database.jobs.move(id, before: other) { send(.changed(job)) }
        let device = try database.jobs.job(id).device
        let isPaused = try database.queues.isPaused(device)
        send(.queue(DeviceQueue(device: device, isPaused: isPaused)))
    }

    /// The first job of each queue whose device is free.
    func nextJobs() throws -> [Job] {
        let busy = Set(
            try JobState.working.flatMap { try database.jobs.all(in: $0) }.map(\.device)
        )
        let devices = Set(try database.jobs.all(in: .queued).map(\.device)).subtracting(busy)
        return try devices.sorted().compactMap { device in
            guard try !database.queues.isPaused(device) else { return nil }
            return try database.jobs.waiting(for: device).first
        }
    }

    /// Starts a job's process, if it still waits.
    func launch(_ waiting: Job) async throws {
        let (id, folder) = (waiting.id, folder(of: waiting.id))
        let job = try database.jobs.job(id)
        guard job.state == .queued else { return }
        let mode = job.startMode
        do {
            try launcher.prepare(folder, mode: mode, runFile: database.jobs.runFile(of: id))
            // Before anything is awaited: nobody else may start it too.
            try change(id) { $0.begin() }
            if mode != .resume { try await database.metrics.rewind(id) }
            watches[id] = JobWatch(keeper: try launcher.launch(folder, mode: mode))
        } catch {
            let problem = "\(error)"
            try change(id) { job in
                job.state = .failed
                job.info = problem
                job.queuePosition = nil
                job.endedAt = Date()
            }
        }
    }
}

extension Job {
    /// Its turn has come.
    fileprivate mutating func begin() {
        state = .running
        queuePosition = nil
        info = ""
        startedAt = Date()
        endedAt = nil
        stopAskedAt = nil
        isStopSent = false
        killAskedAt = nil
        step = startMode == .resume ? RunFolder(path: folder, name: name).latestStep ?? 0 : 0
    }
}
