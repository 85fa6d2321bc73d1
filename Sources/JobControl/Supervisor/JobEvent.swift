public import RunStore

/// Something that happened to a job or a queue.
public enum JobEvent: Sendable, Equatable {
    /// A job is new, has another state, or was edited.
    case changed(Job)
    /// A job has done further steps.
    case progress(Job)
    /// A job made a preview.
    case sample(job: String, Sample)
    /// A job saved its state.
    case saved(job: String, step: Int)
    /// A job's log has so many bytes now.
    case log(job: String, bytes: Int)
    /// A job went to the bin.
    case removed(job: String)
    /// A queue was paused, gone on with, or put in another order.
    case queue(DeviceQueue)
    /// Something went wrong that no caller waits for, in words.
    case problem(job: String?, String)
    /// Events were lost, as they were not taken in time: ask for everything anew.
    case behind
}

extension JobEvent {
    /// The job that it is about; nil if it is about none.
    public var job: String? {
        switch self {
        case .changed(let job), .progress(let job): job.id
        case .sample(let job, _), .saved(let job, _), .log(let job, _), .removed(let job): job
        case .problem(let job, _): job
        case .queue, .behind: nil
        }
    }
}
