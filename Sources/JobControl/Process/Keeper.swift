import Foundation

/// Stands between the studio and a job's process: starts it, waits, and writes down how it ended, whether or not
/// the studio is still there.
public struct Keeper: Sendable {
    private let folder: JobFolder
    private let program: String
    private let arguments: [String]

    /// Says what to keep.
    ///
    /// - Parameters:
    ///   - folder: the job's folder, which gets `process.json`, `ended.json` and the log.
    ///   - program: what to start.
    ///   - arguments: without the program's name.
    public init(folder: JobFolder, program: String, arguments: [String]) {
        self.folder = folder
        self.program = program
        self.arguments = arguments
    }

    /// Starts the process and returns when it has ended; blocks the thread meanwhile.
    ///
    /// - Throws: if the folder cannot be written.
    public func run() throws {
        guard let keeper = ProcessIdentity(pid: getpid()) else {
            throw JobControlError.noProcesses
        }
        var record = ProcessRecord(trainer: nil, keeper: keeper, startedAt: Date())
        try folder.write(record, to: folder.process)
        let before = MemoryKills.count
        do {
            let child = try ChildProcess(
                program,
                arguments,
                in: FileManager.default.currentDirectoryPath,
                log: folder.log,
                isSession: false
            )
            // One that has ended already is known by what is written at its end.
            record.trainer = ProcessIdentity(pid: child.pid)
            if record.trainer != nil { try folder.write(record, to: folder.process) }
            try note(child.wait(), oomKills: MemoryKills.count - before)
        } catch let error as JobControlError {
            try note(ChildProcess.Ending(), oomKills: 0, problem: "\(error)")
        }
    }

    private func note(
        _ ending: ChildProcess.Ending,
        oomKills: Int,
        problem: String? = nil
    ) throws {
        let record = EndRecord(
            exitStatus: ending.exitStatus,
            signal: ending.signal,
            peakBytes: ending.peakBytes,
            oomKills: max(0, oomKills),
            endedAt: Date(),
            problem: problem
        )
        try folder.write(record, to: folder.ended)
    }
}
