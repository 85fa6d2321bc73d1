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

    /// What this process knows of a keeper that it started itself.
    enum OwnKeeper {
        case unknown, alive, ended
    }

    /// How long a keeper may take to write its first file where nobody knows whether it is alive.
    static let patience: TimeInterval = 30

    /// Looks at a job's folder and at the system.
    ///
    /// - Parameters:
    ///   - folder: the job's.
    ///   - startedAt: when its keeper was started.
    ///   - keeper: what is known of the keeper, if it is a child of this process.
    init(_ folder: JobFolder, startedAt: Date?, keeper: OwnKeeper = .unknown) {
        if let ending = folder.ending {
            self = .ended(ending)
            return
        }
        guard let record = folder.begun else {
            let age = startedAt.map { -$0.timeIntervalSinceNow } ?? .infinity
            let waits = keeper == .alive || keeper == .unknown && age < Self.patience
            self = waits ? .starting : Self.settled(folder, .neverBegan)
            return
        }
        let isKept = record.keeper.isAlive && keeper != .ended
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
