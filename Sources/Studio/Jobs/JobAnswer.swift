import Foundation
import RunFiles
import RunStore

/// A job as pages see it.
struct JobAnswer: Encodable {
    let id: String
    let name: String
    let device: String
    let state: JobState
    let step: Int
    let totalSteps: Int
    let secondsPerStep: Double?
    let lossVideo: Double?
    let lossAudio: Double?
    let info: String
    let queuePosition: Int?
    /// Address of the run's folder; nil while it is not there, or outside the roots.
    let folder: String?
    let createdAt: Date
    let updatedAt: Date
    let startedAt: Date?
    let endedAt: Date?
    let stopAskedAt: Date?
    let deletedAt: Date?
    /// Whether the run's folder holds a state to go on from.
    let canResume: Bool
    /// The text of its run file, where a single job is asked for.
    var yaml: String?

    init(_ job: Job, roots: Roots, yaml: String? = nil) {
        id = job.id
        name = job.name
        device = job.device
        state = job.state
        step = job.step
        totalSteps = job.totalSteps
        secondsPerStep = job.secondsPerStep
        lossVideo = job.lossVideo
        lossAudio = job.lossAudio
        info = job.info
        queuePosition = job.queuePosition
        folder = Roots.real(job.folder).flatMap(roots.address(of:))
        createdAt = job.createdAt
        updatedAt = job.updatedAt
        startedAt = job.startedAt
        endedAt = job.endedAt
        stopAskedAt = job.stopAskedAt
        deletedAt = job.deletedAt
        canResume = RunFolder(path: job.folder, name: job.name).latestStep != nil
        self.yaml = yaml
    }
}

/// How far a job at work is.
struct ProgressAnswer: Encodable {
    let id: String
    let step: Int
    let totalSteps: Int
    let secondsPerStep: Double?
    let lossVideo: Double?
    let lossAudio: Double?

    init(_ job: Job) {
        id = job.id
        step = job.step
        totalSteps = job.totalSteps
        secondsPerStep = job.secondsPerStep
        lossVideo = job.lossVideo
        lossAudio = job.lossAudio
    }
}
