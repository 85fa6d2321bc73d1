import Foundation
import RunFiles
import RunStore

#if canImport(Glibc)
import Glibc
#endif

/// What is known of a job at work beside the store.
struct JobWatch {
    /// Its keeper, if it is a child of this process that has not been seen to end.
    var keeper: Int32?
    var keeperHasEnded = false
    var logBytes = 0
    var savedStep: Int?
    /// Of the last steps, oldest first.
    var seconds: [Double] = []
    var hasToldOfLines = false
}

extension Supervisor {
    /// Looks at one job: its process first, so that what it wrote before its end is never missed.
    func watch(_ job: Job) async throws {
        var watch = watches[job.id] ?? JobWatch()
        if let keeper = watch.keeper, ChildProcess.isReaped(keeper) {
            watch.keeper = nil
            watch.keeperHasEnded = true
        }
        let process = JobProcess(
            folder(of: job.id),
            startedAt: job.startedAt,
            keeper: watch.keeperHasEnded ? .ended : watch.keeper == nil ? .unknown : .alive
        )
        watches[job.id] = watch
        try await readMetrics(of: job)
        tellOfFiles(job)
        switch process {
        case .starting: break
        case .running(let trainer): try deliverWishes(job.id, to: trainer)
        case .ended(let record): try end(job.id, at: record.endedAt) { .init(record, $0) }
        case .gone(let unseen): try end(job.id, at: Date()) { .init(unseen, $0) }
        }
    }

    /// Takes over all that is new in the run's metrics.
    private func readMetrics(of job: Job) async throws {
        let metrics = database.metrics
        let path = RunFolder(path: job.folder, name: job.name).metrics
        let tail = MetricsTail(path: path, folder: launcher.workingFolder)
        while let batch = try await Self.next(tail, metrics.marks(of: job.id)) {
            try await metrics.record(batch, of: job.id)
            for sample in batch.samples { send(.sample(job: job.id, sample)) }
            tellOfLines(batch, job.id)
            try keepProgress(batch, job.id)
        }
    }

    /// Reads beside the actor: a file's beginning may take long.
    @concurrent
    private nonisolated static func next(
        _ tail: MetricsTail,
        _ marks: [MetricMark]
    ) async throws -> MetricBatch? {
        try tail.next(after: marks)
    }

    private func tellOfLines(_ batch: MetricBatch, _ id: String) {
        guard batch.unreadable > 0, watches[id]?.hasToldOfLines == false else { return }
        watches[id]?.hasToldOfLines = true
        let text = "metrics.jsonl: \(batch.unreadable) lines are no metrics and were left out"
        send(.problem(job: id, text))
    }

    private func keepProgress(_ batch: MetricBatch, _ id: String) throws {
        guard let step = batch.rows.last(where: { $0.key == "loss" })?.step else { return }
        func last(_ key: String) -> Double? { batch.rows.last { $0.key == key }?.value }
        let new = batch.rows.filter { $0.key == "seconds" }.map(\.value)
        let seconds = Array(((watches[id]?.seconds ?? []) + new).suffix(20))
        watches[id]?.seconds = seconds
        let (video, audio) = (last("loss_video"), last("loss_audio"))
        let job = try database.jobs.update(id) { job in
            job.step = step
            job.lossVideo = video ?? job.lossVideo
            job.lossAudio = audio ?? job.lossAudio
            if !seconds.isEmpty {
                job.secondsPerStep = seconds.reduce(0, +) / Double(seconds.count)
            }
        }
        send(.progress(job))
    }

    private func tellOfFiles(_ job: Job) {
        let facts = try? FileManager.default.attributesOfItem(atPath: folder(of: job.id).log)
        if let bytes = facts?[.size] as? Int, bytes != watches[job.id]?.logBytes {
            watches[job.id]?.logBytes = bytes
            send(.log(job: job.id, bytes: bytes))
        }
        let saved = RunFolder(path: job.folder, name: job.name).latestStep
        if let saved, saved != watches[job.id]?.savedStep {
            watches[job.id]?.savedStep = saved
            send(.saved(job: job.id, step: saved))
        }
    }

    /// Passes on that the job is to stop or to end; once only, as a second signal would end it unsaved.
    func deliverWishes(_ id: String, to trainer: ProcessIdentity) throws {
        let job = try database.jobs.job(id)
        if job.killAskedAt != nil {
            trainer.send(SIGKILL)
        } else if job.stopAskedAt != nil, !job.isStopSent {
            // Noted first: a signal that is lost can be asked for again, one sent twice costs unsaved steps.
            try change(id) { $0.isStopSent = true }
            trainer.send(SIGINT)
        }
    }

    private func end(
        _ id: String,
        at time: Date,
        _ judge: (JudgedJob) -> JobEnding
    ) throws {
        let job = try database.jobs.job(id)
        guard JobState.working.contains(job.state) else { return }
        let ending = judge(
            JudgedJob(
                job: job,
                log: try LogTail.lastLines(folder(of: id).log, count: 3),
                saved: RunFolder(path: job.folder, name: job.name).latestStep
            )
        )
        watches[id] = nil
        try change(id) { job in
            job.state = ending.state
            job.info = ending.info
            job.endedAt = time
        }
    }
}

/// What an ending is judged by.
private struct JudgedJob {
    let job: Job
    let log: [String]
    let saved: Int?
}

extension JobEnding {
    fileprivate init(_ record: EndRecord, _ judged: JudgedJob) {
        self.init(record, of: judged.job, log: judged.log, saved: judged.saved)
    }

    fileprivate init(_ unseen: JobProcess.Unseen, _ judged: JudgedJob) {
        self.init(unseen, of: judged.job, log: judged.log, saved: judged.saved)
    }
}
