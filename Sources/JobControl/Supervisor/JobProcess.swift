import Foundation
import RunStore

/// What can be seen of a job's process from outside.
enum JobProcess: Equatable {
    /// Its keeper is about to start it.
    case starting
    /// It is at work.
    case running(ProcessIdentity)
    /// It has ended, and its keeper saw how.
    case ended(EndRecord)
    /// It has ended, and nobody saw how.
    case gone(Unseen)

    /// Why nobody saw it.
    enum Unseen: Equatable {
        case earlierBoot
        case keeperEnded
        case neverBegan
    }

    /// How long a keeper may take to write its first file.
    static let patience: TimeInterval = 30

    /// Looks at a job's folder and at the system.
    ///
    /// - Parameters:
    ///   - folder: the job's.
    ///   - startedAt: when its keeper was started.
    ///   - keeperHasEnded: whether the keeper was a child of this process and has ended.
    init(_ folder: JobFolder, startedAt: Date?, keeperHasEnded: Bool) {
        if let ending = folder.ending {
            self = .ended(ending)
            return
        }
        guard let record = folder.begun else {
            let age = startedAt.map { -$0.timeIntervalSinceNow } ?? .infinity
            let waits = !keeperHasEnded && age < Self.patience
            self = waits ? .starting : Self.settled(folder, .neverBegan)
            return
        }
        let isKept = record.keeper.isAlive && !keeperHasEnded
        switch record.trainer {
        case let trainer? where trainer.isAlive: self = .running(trainer)
        // Its end is just being written down.
        case let trainer? where isKept: self = .running(trainer)
        case nil where isKept: self = .starting
        default:
            let isEarlier = record.keeper.isOfEarlierBoot
            self = Self.settled(folder, isEarlier ? .earlierBoot : .keeperEnded)
        }
    }

    /// The keeper may have written between two looks.
    private static func settled(_ folder: JobFolder, _ unseen: Unseen) -> JobProcess {
        folder.ending.map { .ended($0) } ?? .gone(unseen)
    }
}
