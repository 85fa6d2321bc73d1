import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// What a user asks of a run that is at work, by a file in its folder.
public enum RunWish: String, CaseIterable, Sendable {
    /// Write the adapter and the state after this step.
    case saveNow = "save_now"
    /// Make previews after this step.
    case sampleNow = "sample_now"

    /// Where the file has to appear.
    public func path(in folder: RunFolder) -> String { "\(folder.path)/\(rawValue)" }

    /// Asks for it from another process.
    ///
    /// - Throws: if the run's folder is not there or refuses new files.
    public func ask(in folder: RunFolder) throws(RunStateError) {
        let path = path(in: folder)
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw .unwritable(path, "the folder is not there or refuses new files")
        }
    }

    /// Whether it was asked for since the last look; the file is gone afterwards.
    package func isTaken(in folder: RunFolder) -> Bool {
        // Only who takes the file away has been asked: what cannot be removed would be asked for ever.
        unlink(path(in: folder)) == 0
    }
}
