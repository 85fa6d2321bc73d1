import Foundation
import RunConfig
public import RunFiles
public import RunStore

extension Supervisor {
    /// Makes a job of a run file; it is not started.
    ///
    /// - Parameters:
    ///   - runFile: the text.
    ///   - device: queue to wait in; nil is the run file's own device.
    /// - Returns: the job.
    /// - Throws: `ConfigError` with all faults of the text, or `StoreError.nameTaken`.
    public func create(runFile: String, device: String? = nil) throws -> Job {
        let facts = try RunFacts(runFile, launcher)
        let job = Job(
            id: UUID().uuidString.lowercased(),
            name: facts.name,
            device: device ?? facts.device,
            folder: facts.folder,
            totalSteps: facts.steps
        )
        try database.jobs.add(job, runFile: runFile)
        send(.changed(job))
        return job
    }

    /// Gives a job another run file.
    ///
    /// - Throws: `ConfigError`, `StoreError`, or `JobControlError.wrongState` while it waits or is at work.
    @discardableResult
    public func edit(_ id: String, runFile: String, device: String? = nil) throws -> Job {
        let facts = try RunFacts(runFile, launcher)
        let job = try database.jobs.update(id, runFile: runFile) { job in
            try job.require(JobState.resting, "edited")
            job.name = facts.name
            job.folder = facts.folder
            job.totalSteps = facts.steps
            job.device = device ?? facts.device
            job.state = .idle
            job.info = ""
        }
        send(.changed(job))
        return job
    }

    /// Puts a job at the end of its device's queue.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - mode: where it is to begin.
    /// - Returns: the job as it is now.
    /// - Throws: `StoreError.noJob`, `JobControlError.wrongState`, or `.alreadyBegun` if a fresh start finds steps.
    @discardableResult
    public func start(_ id: String, mode: StartMode = .fresh) throws -> Job {
        let job = try database.jobs.enqueue(id) { job in
            try job.require(JobState.resting, "started")
            let run = RunFolder(path: job.folder, name: job.name)
            if mode == .fresh, let step = run.latestStep {
                throw JobControlError.alreadyBegun(job: job.name, folder: job.folder, step: step)
            }
            // Where nothing was saved there is nothing to go on from.
            job.startMode = mode == .resume && run.latestStep == nil ? .fresh : mode
            job.info = ""
        }
        send(.changed(job))
        return job
    }

    /// Goes on with a job after its newest saved state, or from the start if there is none.
    ///
    /// - Throws: as `start`.
    @discardableResult
    public func resume(_ id: String) throws -> Job { try start(id, mode: .resume) }

    /// Asks a job to finish its step, save and end; takes a waiting job out of its queue.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - atOnce: whether its process ends now, and what it has not saved is lost.
    /// - Returns: the job as it is now.
    /// - Throws: `StoreError.noJob`, or `JobControlError.wrongState` if it neither waits nor works.
    @discardableResult
    public func stop(_ id: String, atOnce: Bool = false) throws -> Job {
        let now = Date()
        let job = try change(id) { job in
            try job.require([.queued] + JobState.working, "stopped")
            guard job.state != .queued else {
                job.state = job.startedAt == nil ? .idle : .stopped
                job.queuePosition = nil
                return
            }
            job.state = .stopping
            job.stopAskedAt = job.stopAskedAt ?? now
            if atOnce { job.killAskedAt = now }
        }
        if job.state == .stopping, let trainer = folder(of: id).begun?.trainer {
            try deliverWishes(id, to: trainer)
        }
        return try database.jobs.job(id)
    }

    /// Asks a job at work for something by a file in its run's folder.
    ///
    /// - Throws: `JobControlError.wrongState` if it is not at work, or `RunStateError` if its folder refuses the file.
    public func ask(_ wish: RunWish, of id: String) throws {
        let job = try database.jobs.job(id)
        try job.require([.running], "asked to \(wish == .saveNow ? "save" : "make samples")")
        try wish.ask(in: RunFolder(path: job.folder, name: job.name))
    }

    /// Puts a job into the bin; its files stay.
    ///
    /// - Throws: `JobControlError.wrongState` while it waits or is at work.
    public func delete(_ id: String) throws {
        try database.jobs.update(id) { job in
            try job.require(JobState.resting, "deleted")
            job.deletedAt = Date()
        }
        send(.removed(job: id))
    }

    /// Deletes a job of the bin for good: its record, curves and log.
    ///
    /// What its run wrote stays where it is.
    ///
    /// - Throws: `StoreError.noJob` if it is not in the bin; Foundation's error where the log cannot be removed.
    public func erase(_ id: String) throws {
        try database.jobs.erase(id)
        let path = folder(of: id).path
        guard FileManager.default.fileExists(atPath: path) else { return }
        try FileManager.default.removeItem(atPath: path)
    }

    /// Takes a job out of the bin.
    ///
    /// - Throws: `StoreError.nameTaken` if another job has its name by now.
    @discardableResult
    public func restore(_ id: String) throws -> Job { try change(id) { $0.deletedAt = nil } }
}

extension JobState {
    /// States in which a job neither waits nor works.
    static let resting: [JobState] = [.idle, .stopped, .completed, .failed]
}

extension Job {
    fileprivate func require(_ states: [JobState], _ wanted: String) throws(JobControlError) {
        guard states.contains(state) else {
            throw .wrongState(job: name, state: state, wanted: wanted)
        }
    }
}

/// What the supervisor needs to know of a run file.
private struct RunFacts {
    let name: String
    let folder: String
    let device: String
    let steps: Int

    init(_ text: String, _ launcher: JobLauncher) throws(ConfigError) {
        let file = try RunFile.parse(
            text: text,
            fileName: "run.yaml",
            environment: ProcessInfo.processInfo.environment
        )
        name = file.name
        steps = file.train.steps
        let path = "\(file.trainingFolder)/\(file.name)"
        folder = path.hasPrefix("/") ? path : "\(launcher.workingFolder)/\(path)"
        device = launcher.queue(for: file.device)
    }
}
