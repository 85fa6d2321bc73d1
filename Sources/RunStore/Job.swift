public import Foundation
import GRDB

/// How a job's process is started.
public enum StartMode: String, Sendable, Codable, CaseIterable {
    /// From the first step; refused by the trainer if the run's folder holds a begun run.
    case fresh
    /// From the newest saved state.
    case resume
    /// From the first step; an earlier run in the folder is moved aside.
    case restart
}

/// A training job, without the text of its run file.
public struct Job: Sendable, Equatable, Codable {
    /// Names it for ever.
    public let id: String
    /// `config.name` of the run file.
    public var name: String
    /// Queue it waits in, such as `cuda:0`.
    public var device: String
    /// The run's folder, `training_folder/name`.
    public var folder: String
    /// Where it stands.
    public var state = JobState.idle
    /// How it is started when its turn comes.
    public var startMode = StartMode.fresh
    /// Steps finished.
    public var step = 0
    /// Steps to do.
    public var totalSteps: Int
    /// Mean of the last steps.
    public var secondsPerStep: Double?
    /// Of the last step.
    public var lossVideo: Double?
    /// Of the last step that had one.
    public var lossAudio: Double?
    /// Why it stands where it stands, in words; may be empty.
    public var info = ""
    /// Place in its queue; nil outside.
    public var queuePosition: Int?
    /// When it was made.
    public var createdAt: Date
    /// When anything changed.
    public var updatedAt: Date
    /// When its process was last started.
    public var startedAt: Date?
    /// When its process last ended.
    public var endedAt: Date?
    /// When it was asked to stop; nil if it was not.
    public var stopAskedAt: Date?
    /// Whether the process was told that it is to stop.
    public var isStopSent = false
    /// When it was asked to end at once, unsaved.
    public var killAskedAt: Date?
    /// When it went to the bin; nil if it is not there.
    public var deletedAt: Date?

    /// A job that was never started.
    public init(
        id: String,
        name: String,
        device: String,
        folder: String,
        totalSteps: Int,
        createdAt: Date = Date()
    ) {
        self.id = id
        self.name = name
        self.device = device
        self.folder = folder
        self.totalSteps = totalSteps
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}

extension Job {
    static let columns = """
        id, name, device, folder, state, start_mode, step, total_steps, seconds_per_step, loss_video, loss_audio, \
        info, queue_position, created_at, updated_at, started_at, ended_at, stop_asked_at, is_stop_sent, \
        kill_asked_at, deleted_at
        """

    /// By their places in `columns`: a name is looked for in all of them, which for a thousand jobs takes longer than
    /// reading them.
    init(_ row: Row) {
        id = row[0]
        name = row[1]
        device = row[2]
        folder = row[3]
        state = JobState(rawValue: row[4]) ?? .failed
        startMode = StartMode(rawValue: row[5]) ?? .fresh
        step = row[6]
        totalSteps = row[7]
        secondsPerStep = row[8]
        lossVideo = row[9]
        lossAudio = row[10]
        info = row[11]
        queuePosition = row[12]
        createdAt = Date(timeIntervalSinceReferenceDate: row[13])
        updatedAt = Date(timeIntervalSinceReferenceDate: row[14])
        startedAt = Self.date(row[15])
        endedAt = Self.date(row[16])
        stopAskedAt = Self.date(row[17])
        isStopSent = row[18]
        killAskedAt = Self.date(row[19])
        deletedAt = Self.date(row[20])
    }

    /// The values of `columns`, in their order.
    var values: StatementArguments {
        [
            id, name, device, folder, state.rawValue, startMode.rawValue, step, totalSteps,
            secondsPerStep, lossVideo, lossAudio, info, queuePosition,
            createdAt.timeIntervalSinceReferenceDate, updatedAt.timeIntervalSinceReferenceDate,
            startedAt?.timeIntervalSinceReferenceDate, endedAt?.timeIntervalSinceReferenceDate,
            stopAskedAt?.timeIntervalSinceReferenceDate, isStopSent,
            killAskedAt?.timeIntervalSinceReferenceDate,
            deletedAt?.timeIntervalSinceReferenceDate,
        ]
    }

    private static func date(_ seconds: Double?) -> Date? {
        seconds.map(Date.init(timeIntervalSinceReferenceDate:))
    }
}
