import Foundation
import LTXModel
public import Torch

/// How the model's results compare with those recorded from the reference implementation.
public struct VerificationReport: Sendable {
    /// What became of one recorded tensor.
    public enum Status: Equatable, Sendable {
        case passed
        case failed
        case skipped(String)
    }

    /// One recorded tensor.
    public struct Line: Equatable, Sendable {
        /// Its name in the recording.
        public let tensor: String
        /// Largest difference as a share of the largest magnitude recorded; nil if not computed.
        public let error: Double?
        /// The error that is allowed.
        public let tolerance: Double
        /// What became of it.
        public let status: Status
    }

    /// One recording.
    public struct Section: Sendable {
        /// Name of the recording's file, without ending.
        public let recording: String
        /// What was recorded, for people.
        public let component: String
        /// A line for each recorded result.
        public let lines: [Line]
    }

    /// The recordings, in the order they were compared.
    public let sections: [Section]

    /// Compares one recording with what a checkpoint gives.
    ///
    /// - Parameters:
    ///   - checkpoint: file or folder with the weights that the recording was made with; nil for
    ///     what has none.
    ///   - recording: a file that `tools/record-fixtures` wrote.
    ///   - device: where to compute.
    /// - Throws: `VerificationError`, `ConfigurationError`, `CheckpointError`, `SafetensorsError` or
    ///   `TorchError` if there is nothing to compare; a difference is no error but a failed line.
    public init(checkpoint: String?, recording: String, device: Device = .cpu) throws {
        sections = [try Self.section(checkpoint, recording, device)]
    }

    /// Compares everything that comes with the program.
    public static func builtIn(device: Device = .cpu) throws -> VerificationReport {
        VerificationReport(
            sections: try Recordings.builtIn.map {
                try section($0.checkpoint, $0.recording, device)
            }
        )
    }

    init(sections: [Section]) { self.sections = sections }

    /// Whether something was compared and nothing differs.
    public var hasPassed: Bool { count(.failed) == 0 && count(.passed) > 0 }

    private static func section(
        _ checkpoint: String?,
        _ path: String,
        _ device: Device
    ) throws -> Section {
        let recording = try RecordedFile(path: path)
        let comparison = Comparison(recording, device: device)
        try compare(comparison, with: checkpoint)
        return Section(
            recording: recording.name,
            component: recording.component.rawValue,
            lines: comparison.lines.sorted { $0.tensor < $1.tensor }
        )
    }

    private static func compare(_ comparison: Comparison, with checkpoint: String?) throws {
        let component = comparison.recording.component
        guard component.needsCheckpoint else { return try compareAlone(comparison) }
        guard let checkpoint else {
            throw VerificationError(
                "\(comparison.recording.path): is a recording of the \(component.rawValue), should "
                    + "come with its weights; name them with --checkpoint"
            )
        }
        guard component != .textEncoder else {
            return try comparison.compareTextEncoder(TextEncoderFolder(path: checkpoint))
        }
        let opened = try Checkpoint(path: checkpoint)
        switch component {
        case .transformer: try comparison.compareTransformer(opened)
        case .connectors: try comparison.compareConnectors(opened)
        case .videoVAE: try comparison.compareVideoVAE(opened)
        case .sampling: try comparison.compareSampling(opened)
        case .guidedSampling: try comparison.compareGuidedSampling(opened)
        default: try comparison.compareAudioVAE(opened)
        }
    }

    /// Recordings of what has no weights, or is not computed here.
    private static func compareAlone(_ comparison: Comparison) throws {
        switch comparison.recording.component {
        case .mel: try comparison.compareMel()
        case .vocoder: comparison.skipRest { _ in "no vocoder yet" }
        case .schedule: try comparison.compareSchedule()
        case .adapter: comparison.skipRest { _ in "needs its adapter; the tests compare it" }
        default: comparison.skipRest { _ in "needs a training run; the tests compare it" }
        }
    }
}
