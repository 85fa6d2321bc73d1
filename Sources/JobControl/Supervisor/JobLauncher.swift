public import Foundation
public import RunStore

/// How a job's process is started: a keeper, and what the keeper starts.
public struct JobLauncher: Sendable {
    /// The program that has the `keep` command.
    public var likeness: String
    /// Where jobs work: what relative paths of their run files are relative to.
    public var workingFolder: String
    /// Device of run files that leave the choice to the program, or name one that is not here.
    public var bestDevice = JobLauncher.hasNVIDIA ? "cuda:0" : "cpu"
    /// Arguments of the `keep` command behind the job's folder.
    public var arguments: @Sendable (JobFolder, StartMode) -> [String]

    /// Starts `likeness train`.
    ///
    /// - Parameters:
    ///   - likeness: the program; by default the one that is running.
    ///   - workingFolder: where jobs work.
    public init(
        likeness: String = JobLauncher.thisProgram,
        workingFolder: String = FileManager.default.currentDirectoryPath
    ) {
        self.likeness = likeness
        self.workingFolder = workingFolder
        arguments = { folder, mode in ["--", "train", folder.runFile] + mode.flags }
    }

    /// Whether the system has an NVIDIA device.
    public static var hasNVIDIA: Bool {
        ["/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg"].contains {
            FileManager.default.fileExists(atPath: $0)
        }
    }

    /// The queue of a run file's `device`: one name for one device, however it is spelt.
    func queue(for device: String) -> String {
        switch device {
        case "auto": bestDevice
        case "cuda": queue(for: "cuda:0")
        case let name where name.hasPrefix("cuda") && bestDevice == "cpu": bestDevice
        default: device
        }
    }

    /// The file of the program that is running.
    public static var thisProgram: String {
        let place = "/proc/self/exe"
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: place)) ?? place
        // Built or installed anew meanwhile: the new one has the old one's place.
        return path.hasSuffix(" (deleted)") ? String(path.dropLast(10)) : path
    }

    /// Writes the run file and takes away what an earlier process left, which must not be taken for this one's.
    ///
    /// - Throws: `JobControlError.unwritable`.
    func prepare(
        _ folder: JobFolder,
        mode: StartMode,
        runFile: String
    ) throws(JobControlError) {
        let manager = FileManager.default
        do {
            try manager.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
            let old = [folder.process, folder.ended] + (mode == .resume ? [] : [folder.log])
            for path in old where manager.fileExists(atPath: path) {
                try manager.removeItem(atPath: path)
            }
            try Data(runFile.utf8).write(to: URL(fileURLWithPath: folder.runFile), options: .atomic)
        } catch {
            throw .unwritable(folder.path, error.localizedDescription)
        }
    }

    /// Starts a job's keeper, which goes on when this process ends; returns its number.
    ///
    /// - Throws: `JobControlError.cannotStart`.
    func launch(_ folder: JobFolder, mode: StartMode) throws(JobControlError) -> Int32 {
        try ChildProcess(
            likeness,
            ["keep", folder.path] + arguments(folder, mode),
            in: workingFolder,
            log: folder.log,
            isSession: true
        ).pid
    }
}

extension StartMode {
    /// What `likeness train` is told.
    fileprivate var flags: [String] {
        switch self {
        case .fresh: []
        case .resume: ["--resume"]
        case .restart: ["--restart"]
        }
    }
}
