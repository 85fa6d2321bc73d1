/// Why a run's state cannot be saved or gone on from.
public enum RunStateError: Error, Equatable, CustomStringConvertible {
    case nothingToResume(String)
    case damaged(String, String)
    case unwritable(String, String)
    case otherRun(String, String)
    case alreadyBegun(String, step: Int)
    case alreadyDone(String, step: Int)
    case inUse(String, by: String)

    /// Where, what is, what should be, what to do.
    public var description: String {
        switch self {
        case .nothingToResume(let path):
            "\(path): holds no saved state to go on from; start the run without --resume, "
                + "or give the folder of a run that was stopped"
        case .damaged(let path, let problem):
            "\(path): \(problem); start again without --resume, or give another state folder"
        case .unwritable(let path, let problem):
            "\(path): cannot be written (\(problem)); free some space or choose another training_folder"
        case .otherRun(let path, let problem):
            "\(path): does not fit this run: \(problem); bring the run file back, or start without --resume"
        case .inUse(let path, let owner):
            "\(path): another run is at work here (\(owner.isEmpty ? "unknown" : owner)); wait until it ends or stop it, "
                + "or give this run another config.name"
        case .alreadyDone(let path, let step):
            "\(path): all \(step) steps of train.steps are done; raise train.steps to train on"
        case .alreadyBegun(let path, let step):
            "\(path): holds a run with \(step) finished steps; add --resume to go on with it, "
                + "or --restart to begin anew (the old one is moved aside)"
        }
    }
}
