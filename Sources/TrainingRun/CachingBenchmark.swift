import ClipCache
public import ClipData
import Foundation
import LTXModel
public import Torch

/// Filling the cache of a folder of clips, over and over: the code of a run, measured.
public struct CachingBenchmark {
    /// What one filling took.
    public struct Figures: Encodable, Sendable {
        /// Seconds from the first clip to the last.
        public let seconds: Double
        /// How many clips were encoded.
        public let clips: Int
        /// The most memory of the process so far, in bytes.
        public let processBytes: Int
        /// Values of both encoders.
        public let parameters: [String: Int]
        /// Seconds of each stage, of all clips; decoding runs beside the rest.
        public let stages: [String: Double]
        /// The entries, in the order of the clips.
        public let entries: [String]
    }

    private let checkpoint: Checkpoint
    private let plan: ClipPlan
    private let device: Device

    /// Looks at the clips of a folder, of which one window each is taken.
    ///
    /// - Parameters:
    ///   - path: a file or folder with both VAEs.
    ///   - rules: folder, size and length of the clips.
    ///   - device: where the encoders run.
    /// - Throws: if the checkpoint has no such part, or no clip is long enough.
    public init(checkpoint path: String, rules: DatasetRules, device: Device) async throws {
        checkpoint = try Checkpoint(anyPartOf: path)
        let index = try await ClipIndex.scan(rules)
        plan = try ClipPlan([index], factors: try checkpoint.latentFactors)
        self.device = device
    }

    /// Empties and fills the cache as often as `next` says so, on a thread of its own.
    public func run(
        while next: @escaping @Sendable () -> Bool,
        tell: @escaping @Sendable (Figures) throws -> Void
    ) async throws {
        try await onOwnThread {
            let encoder = try LatentEncoder(checkpoint, device: device)
            while next() { try tell(fill(encoder)) }
        }
    }

    private func fill(_ encoder: LatentEncoder) throws -> Figures {
        let entries = plan.items.map {
            $0.cache.path(for: $0.cacheKey(encoderFingerprint: encoder.fingerprint))
        }
        for path in entries where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
        let trace = PreparationTrace()
        let begun = ContinuousClock.now
        let report = try ClipPreparation(plan, trace: trace).run(encoder: encoder)
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        let stages = PreparationTrace.Stage.allCases.map { ($0.rawValue, trace.seconds(of: $0)) }
        return Figures(
            seconds: seconds,
            clips: report.encodedWindows,
            processBytes: ProcessMemory.peak,
            parameters: [
                "video": try checkpoint.encoderValues(.videoVAE),
                "audio": try checkpoint.encoderValues(.audioVAE),
            ],
            stages: Dictionary(uniqueKeysWithValues: stages),
            entries: entries
        )
    }
}

extension Checkpoint {
    /// Values of the encoder of a VAE.
    fileprivate func encoderValues(_ component: Component) throws -> Int {
        let weights = try weights(component)
        return weights.names.filter { $0.hasPrefix("encoder.") }
            .reduce(0) { $0 + (weights.shape(of: $1) ?? []).reduce(1, *) }
    }
}
