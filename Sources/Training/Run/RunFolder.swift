import Foundation
import LoRATools

#if canImport(Glibc)
import Glibc
#endif

/// The folder of one run and the names of what lies in it.
public struct RunFolder: Sendable, Equatable {
    /// The path, `training_folder/name`.
    public let path: String
    /// Name of the run: stem of its files.
    public let name: String

    /// Names a folder; nothing is made yet.
    public init(path: String, name: String) {
        self.path = path
        self.name = name
    }

    /// Makes the folder.
    ///
    /// - Throws: `RunStateError.unwritable` with what to do.
    public func make() throws(RunStateError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true
            )
        } catch {
            throw .unwritable(path, "\(error.localizedDescription)")
        }
    }

    /// Renames the folder of an earlier run to `name.1`, `name.2`…; returns where it is now.
    public func moveAside() throws -> String? {
        let manager = FileManager.default
        guard manager.fileExists(atPath: path) else { return nil }
        try withExtendedLifetime(RunLock(self)) {}  // nobody may be at work in it
        var number = 1
        while manager.fileExists(atPath: "\(path).\(number)") { number += 1 }
        let place = "\(path).\(number)"
        do {
            try manager.moveItem(atPath: path, toPath: place)
        } catch {
            throw RunStateError.unwritable(place, error.localizedDescription)
        }
        return place
    }

    /// The adapter of the finished run.
    public var adapter: String { "\(path)/\(name).safetensors" }

    /// What the layers of the finished run's adapter read, for merges.
    public var statistics: String { MergeRequest.statisticsPlace(for: adapter) }

    /// The adapter after so many steps.
    public func adapter(step: Int) -> String { "\(path)/\(name)_\(Self.digits(step)).safetensors" }

    /// The adapter that was best on held-out clips, by picture.
    public var bestFace: String { "\(path)/\(name)_best_face.safetensors" }

    /// The adapter that was best on held-out clips, by sound.
    public var bestVoice: String { "\(path)/\(name)_best_voice.safetensors" }

    /// Sounds of the base model that voice preservation compares with.
    public var preservedSounds: String { "\(path)/voice_preservation.safetensors" }

    /// Previews.
    public var samples: String { "\(path)/samples" }

    /// One line per step.
    public var metrics: String { "\(path)/metrics.jsonl" }

    /// The run file as it was used.
    public var runFile: String { "\(path)/config.yaml" }

    /// Saved states.
    public var states: String { "\(path)/state" }

    /// Points to the newest whole state.
    public var latestState: String { "\(states)/latest" }

    /// A saved state.
    public func state(step: Int) -> String { "\(states)/\(Self.digits(step))" }

    package static func digits(_ step: Int) -> String {
        let text = String(step)
        return String(repeating: "0", count: max(0, 9 - text.count)) + text
    }

    /// Step adapters that are there, oldest first: `name_` and nine digits, nothing else.
    func stepAdapters() -> [(step: Int, path: String)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.compactMap { file -> (Int, String)? in
            guard file.hasPrefix(name + "_"), file.hasSuffix(".safetensors") else { return nil }
            let digits = file.dropFirst(name.count + 1).dropLast(".safetensors".count)
            guard digits.count == 9, let step = Int(digits) else { return nil }
            return (step, "\(path)/\(file)")
        }.sorted { $0.0 < $1.0 }
    }

    /// Deletes all but the newest step adapters; 0 keeps all.
    func removeOldAdapters(keeping count: Int) throws {
        guard count > 0 else { return }
        for (_, path) in stepAdapters().dropLast(count) {
            try removeSplitFiles(of: path)
            try FileManager.default.removeItem(atPath: path)
        }
    }
}

/// Makes sure that what was written to a folder, names included, is on the disk.
func synchronizeFolder(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
}

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
