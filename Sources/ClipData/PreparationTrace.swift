import Synchronization

/// When what was done while a cache was filled: for measuring, and for showing that decoding runs ahead.
public final class PreparationTrace: Sendable {
    /// What a thread was doing.
    public enum Stage: String, CaseIterable, Sendable {
        /// Pictures are decoded and scaled, on the decoder's thread.
        case decodingPictures
        /// Sound is decoded, on the decoder's thread.
        case decodingSound
        /// The encoders' thread has nothing to encode yet.
        case waitingForClip
        /// Pictures become latents.
        case encodingPictures
        /// Sound becomes a spectrogram and then latents.
        case encodingSound
        /// Latents are written and brought to disk.
        case storing
    }

    /// One stage of one window, while it lasted.
    public struct Span: Sendable {
        /// What was done.
        public let stage: Stage
        /// Number of the window among those that were encoded, from 0.
        public let window: Int
        /// When it began.
        public let begun: ContinuousClock.Instant
        /// When it was over.
        public let ended: ContinuousClock.Instant
    }

    private let all = Mutex<[Span]>([])

    /// An empty trace.
    public init() {}

    /// What is over so far, in the order of the ends.
    public var spans: [Span] { all.withLock { $0 } }

    /// Seconds of a stage, over all windows.
    public func seconds(of stage: Stage) -> Double {
        spans.filter { $0.stage == stage }.reduce(0) { $0 + ($1.ended - $1.begun) / .seconds(1) }
    }

    /// Keeps when a stage of a window was run.
    func measure<Result>(
        _ stage: Stage,
        of window: Int,
        _ work: () throws -> Result
    ) rethrows -> Result {
        let begun = ContinuousClock.now
        defer {
            let span = Span(stage: stage, window: window, begun: begun, ended: .now)
            all.withLock { $0.append(span) }
        }
        return try work()
    }
}
