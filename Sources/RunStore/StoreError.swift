import Foundation
import GRDB

/// Why the studio's data base cannot do what was asked.
public enum StoreError: Error, Equatable, CustomStringConvertible {
    /// The file was made by a later version of the program.
    case newer(String)
    /// The file is not a whole data base.
    case damaged(String, String)
    /// The file cannot be opened or written.
    case unusable(String, String)
    /// No job has this id.
    case noJob(String)
    /// Another job has this name.
    case nameTaken(String)
    /// No task has this id.
    case noTask(String)

    /// Where, what is, what should be, what to do.
    public var description: String {
        switch self {
        case .newer(let path):
            "\(path): was written by a newer version of likeness, which this one cannot read; "
                + "update likeness, or move the file away (runs and their files stay where they are)"
        case .damaged(let path, let problem):
            "\(path): is damaged (\(problem)); move it away with its -wal and -shm beside it, and a new one is made: "
                + "runs and their files stay where they are"
        case .unusable(let path, let problem):
            "\(path): cannot be used (\(problem)); free some space, check the folder's permissions, "
                + "or give another folder with --home"
        case .noJob(let id): "jobs: there is no job \"\(id)\"; look at the list of jobs"
        case .nameTaken(let name):
            "jobs: there is a job named \"\(name)\" already; give this one another config.name"
        case .noTask(let id): "tasks: there is no task \"\(id)\"; start it again"
        }
    }
}

extension StoreError {
    /// What an error of SQLite means for the user.
    init(_ error: DatabaseError, path: String) {
        let problem = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path, problem)
        default: self = .unusable(path, problem)
        }
    }
}
