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
        self.init(job, place: JobPlace(job, roots: roots), yaml: yaml)
    }

    init(_ job: Job, place: JobPlace, yaml: String? = nil) {
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
        folder = place.folder
        createdAt = job.createdAt
        updatedAt = job.updatedAt
        startedAt = job.startedAt
        endedAt = job.endedAt
        stopAskedAt = job.stopAskedAt
        deletedAt = job.deletedAt
        canResume = place.canResume
        self.yaml = yaml
    }
}

/// What an answer says of a job that is not in the store.
struct JobPlace: Equatable {
    /// Address of the run's folder.
    let folder: String?
    let canResume: Bool

    /// - Parameters:
    ///   - job: the job.
    ///   - roots: the folders that pages may use.
    ///   - known: the address, if it was found out since the job last changed; links are looked through again
    ///     whenever a file is asked for.
    init(_ job: Job, roots: Roots, known: String? = nil) {
        folder = known ?? Roots.real(job.folder).flatMap(roots.address(of:))
        canResume = RunFolder(path: job.folder, name: job.name).latestStep != nil
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
