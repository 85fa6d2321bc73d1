import HTTPTypes
import JobControl
import RunFiles
import RunStore

extension StudioError {
    /// What jobs and their store refuse; nil for any other error.
    init?(ofJobs error: any Error) {
        switch error {
        case let error as StoreError: self.init(status: Self.status(of: error), "\(error)")
        case let error as JobControlError:
            self.init(status: Self.status(of: error), "\(error)")
        case let error as RunStateError: self.init(status: .conflict, "\(error)")
        default: return nil
        }
    }

    /// From a sentence of the program: where: what is; what to do.
    private init(status: HTTPResponse.Status, _ sentence: String) {
        let parts = sentence.split(separator: ": ", maxSplits: 1)
        let rest = parts.count > 1 ? parts[1] : parts[0]
        let pieces = rest.split(separator: "; ", maxSplits: 1)
        self.init(
            status,
            parts.count > 1 ? String(parts[0]) : "job",
            String(pieces[0]),
            fix: pieces.count > 1 ? String(pieces[1]) : ""
        )
    }

    private static func status(of error: StoreError) -> HTTPResponse.Status {
        switch error {
        case .noJob, .noTask: .notFound
        case .nameTaken: .conflict
        case .newer, .damaged, .unusable: .internalServerError
        }
    }

    private static func status(of error: JobControlError) -> HTTPResponse.Status {
        switch error {
        case .wrongState, .alreadyBegun: .conflict
        case .cannotStart, .unwritable, .noProcesses: .internalServerError
        }
    }
}
