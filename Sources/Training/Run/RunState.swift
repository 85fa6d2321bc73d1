import Foundation
public import RunFiles
import Safetensors
import Torch

#if canImport(Glibc)
import Glibc
#endif

/// The part of a run's state that is numbers and texts.
public struct RunProgress: Codable, Equatable, Sendable {
    /// Steps finished.
    public var step: Int
    /// Seed of the run.
    public var seed: UInt64
    /// Place in the data.
    public var position: String
    /// What the balance of the losses remembers.
    public var audioWeight: AudioWeight
    /// What is trained: a state fits only the same.
    public var network: String
    /// Losses measured before the first step.
    public var before: LossMeasure?
    /// What was there to learn the sound from.
    public var supervision = AudioSupervision()
    /// What the optimizer is: its state fits only the same.
    public var optimizer: String?
    /// What is remembered of the held-out clips.
    public var heldOut = HeldOutMemory()

    /// Joins the parts.
    public init(
        step: Int,
        seed: UInt64,
        position: String,
        audioWeight: AudioWeight,
        network: String,
        before: LossMeasure?
    ) {
        self.step = step
        self.seed = seed
        self.position = position
        self.audioWeight = audioWeight
        self.network = network
        self.before = before
    }
}

/// Saves and restores everything that a run needs to go on exactly where it stood.
///
/// A state is a folder `state/<step>` with what is trained in its own type, the optimizer and `run.json`. It is
/// written beside its place, synchronised, renamed, and only then becomes `latest`; so whenever the
/// process dies, `latest` names a whole state.
struct RunStateStore {
    let folder: RunFolder
    let network: any TrainedNetwork
    let optimizer: any Optimizer

    func save(_ progress: RunProgress) throws {
        let manager = FileManager.default
        let target = freePlace(for: progress.step)
        let work = target + ".unfinished"
        // What could not be finished must not keep the disk full; nothing is there after a rename.
        defer { try? manager.removeItem(atPath: work) }
        do {
            try manager.createDirectory(atPath: folder.states, withIntermediateDirectories: true)
            if manager.fileExists(atPath: work) { try manager.removeItem(atPath: work) }
            try manager.createDirectory(atPath: work, withIntermediateDirectories: true)
            try write(progress, into: work)
            synchronizeFolder(work)
            try manager.moveItem(atPath: work, toPath: target)
            try pointLatest(to: (target as NSString).lastPathComponent)
        } catch let error as SafetensorsError {
            throw RunStateError.unwritable(target, error.problem)
        } catch let error as CocoaError {
            throw RunStateError.unwritable(target, error.localizedDescription)
        }
        removeOthers(than: target)
    }

    /// A state of the same step may be the one that `latest` names: it stays until the new one is whole.
    private func freePlace(for step: Int) -> String {
        let place = folder.state(step: step)
        let places = [place] + (2...).lazy.prefix(100).map { "\(place).\($0)" }
        return places.first { !FileManager.default.fileExists(atPath: $0) } ?? place
    }

    private func write(_ progress: RunProgress, into path: String) throws {
        let adapters = network.parameters.enumerated().map { ("parameter.\($0)", $1.detach()) }
        try TensorFile(adapters.map { (name: $0.0, tensor: $0.1) })
            .write(to: path + "/adapter.safetensors")
        try TensorFile(optimizer.state).write(to: path + "/optimizer.safetensors")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let file = path + "/run.json"
        try encoder.encode(progress).write(to: URL(fileURLWithPath: file))
        try FileHandle(forUpdating: URL(fileURLWithPath: file)).synchronize()
    }

    /// Replaces the link in one step: it always names a whole state.
    private func pointLatest(to name: String) throws {
        let next = folder.latestState + ".next"
        unlink(next)
        try FileManager.default.createSymbolicLink(atPath: next, withDestinationPath: name)
        guard rename(next, folder.latestState) == 0 else {
            throw RunStateError.unwritable(folder.latestState, String(cString: strerror(errno)))
        }
        synchronizeFolder(folder.states)
    }

    /// Older states go only after the new one is `latest`; what cannot be deleted does no harm.
    private func removeOthers(than state: String) {
        let kept = [(state as NSString).lastPathComponent, "latest"]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.states)) ?? []
        for name in names where !kept.contains(name) {
            try? FileManager.default.removeItem(atPath: "\(folder.states)/\(name)")
        }
    }

    /// Restores parameters and optimizer from a state folder and returns the rest.
    func restore(from path: String) throws -> RunProgress {
        let progress = try RunProgress.read(from: path)
        let expected = network.stateDescription
        guard progress.network == expected else {
            throw RunStateError.otherRun(
                path,
                "its network is \(progress.network), this run's is \(expected)"
            )
        }
        // States of the first versions do not name it; there was one optimizer then.
        let kept = progress.optimizer ?? "adamw"
        guard kept == optimizer.name else {
            throw RunStateError.otherRun(
                path,
                "its optimizer is \(kept), this run's is \(optimizer.name)"
            )
        }
        try withTorchErrors {
            let adapters = try SafetensorsFile(path: path + "/adapter.safetensors")
            try withoutGradients {
                for (index, parameter) in network.parameters.enumerated() {
                    parameter.copy(
                        from: try Tensor(reading: "parameter.\(index)", from: adapters)
                    )
                }
            }
            let moments = try SafetensorsFile(path: path + "/optimizer.safetensors")
            try optimizer.restore { try Tensor(reading: $0, from: moments) }
        }
        return progress
    }

}

extension RunProgress {
    /// Reads `run.json` of a state folder.
    ///
    /// - Throws: `RunStateError.nothingToResume` or `.damaged`.
    public static func read(from path: String) throws(RunStateError) -> RunProgress {
        let file = path + "/run.json"
        guard let data = FileManager.default.contents(atPath: file) else {
            throw .nothingToResume(path)
        }
        do {
            return try JSONDecoder().decode(RunProgress.self, from: data)
        } catch {
            throw .damaged(file, "is not a run's state")
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
