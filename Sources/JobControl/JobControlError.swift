public import RunStore

/// Why a job cannot be changed as asked.
public enum JobControlError: Error, Equatable, CustomStringConvertible {
    /// A program could not be started.
    case cannotStart(String, String)
    /// What was asked does not fit the job's state.
    case wrongState(job: String, state: JobState, wanted: String)
    /// The run's folder holds steps that a new start would leave behind.
    case alreadyBegun(job: String, folder: String, step: Int)
    /// A file in a job's or a run's folder cannot be written.
    case unwritable(String, String)
    /// The system does not tell of its processes.
    case noProcesses

    /// Where, what is, what should be, what to do.
    public var description: String {
        switch self {
        case .cannotStart(let program, let problem):
            "\(program): cannot be started (\(problem)); check that the file is there and may be run"
        case .wrongState(let job, let state, let wanted):
            "job \"\(job)\": is \(state.rawValue) and cannot be \(wanted) now; \(Self.remedy(state))"
        case .alreadyBegun(let job, let folder, let step):
            "job \"\(job)\": \(folder) holds a run with \(step) finished steps; resume it, "
                + "or restart it (the old run is moved aside)"
        case .unwritable(let path, let problem):
            "\(path): cannot be written (\(problem)); free some space or check the folder's permissions"
        case .noProcesses:
            "/proc: does not tell of this process; mount /proc, which is how processes are found again"
        }
    }

    private static func remedy(_ state: JobState) -> String {
        switch state {
        case .running, .stopping: "stop it first and wait until it has ended"
        case .queued: "take it out of the queue first"
        case .idle, .stopped, .completed, .failed: "start it first"
        }
    }
}
