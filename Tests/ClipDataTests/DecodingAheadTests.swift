import ClipCache
import Foundation
import Media
import Testing

@testable import ClipData

/// Decoding beside encoding, with the real preparation and an encoder that holds a clip until it has seen enough.
@Suite struct DecodingAheadTests {
    private let scratch: ScratchFolder
    private let count = 6
    /// Windows that are decoded ahead of the one that is encoded.
    private let depth = 2

    init() throws { scratch = try ScratchFolder() }

    private func trace() async throws -> PreparationTrace {
        for name in ["a", "b", "c", "d", "e", "f"] {
            try FFmpegProgram.makeClip(scratch.file("\(name).mov"), seconds: 0.375)
        }
        var rules = DatasetRules(path: scratch.path)
        rules.resolutions = [96]
        rules.windows = WindowRules(frameCount: 9, rate: 24, mostPerClip: 1)
        rules.wantsSound = true
        let plan = try ClipPlan(
            [try await ClipIndex.scan(rules)],
            factors: BlockMeanEncoder.factors
        )
        let (trace, depth) = (PreparationTrace(), depth)
        return try await withCheckedThrowingContinuation { continuation in
            Thread {
                let encoder = HoldingEncoder(trace: trace, depth: depth, total: plan.items.count)
                let result = Result {
                    try ClipPreparation(plan, trace: trace).run(encoder: encoder)
                }
                continuation.resume(with: result.map { _ in trace })
            }.start()
        }
    }

    @Test(
        "while a clip is encoded the next ones are decoded; only a full look-ahead makes decoding wait"
    )
    func runsAhead() async throws {
        let spans = try await trace().spans
        func span(_ stage: PreparationTrace.Stage, _ window: Int) throws -> PreparationTrace.Span {
            try #require(spans.first { $0.stage == stage && $0.window == window })
        }
        // That it ended at all shows that decoding went on: each clip was held until the next ones were decoded.
        #expect(spans.count(where: { $0.stage == .storing }) == count)
        for window in 0..<count - depth {
            let encoding = try span(.encodingPictures, window)
            #expect(try span(.decodingSound, window + depth).ended < encoding.ended)
            if window + depth + 1 < count {
                let next = try span(.decodingPictures, window + depth + 1)
                #expect(next.begun > encoding.ended)
            }
        }
    }

    @Test("every stage of every window is in the trace, and takes as long as its spans")
    func stages() async throws {
        let trace = try await trace()
        for stage in PreparationTrace.Stage.allCases {
            let spans = trace.spans.filter { $0.stage == stage }
            #expect(spans.map(\.window).sorted() == Array(0..<count))
            #expect(spans.allSatisfy { $0.begun <= $0.ended })
            let sum = spans.reduce(Duration.zero) { $0 + ($1.ended - $1.begun) }
            #expect(abs(trace.seconds(of: stage) - sum / .seconds(1)) < 1e-9)
        }
    }
}

/// Means of blocks, told only when as many clips are decoded as may be: if decoding waited for that, nothing would come.
private final class HoldingEncoder: ClipEncoder {
    private struct DecodingStopped: Error {}

    private let means = BlockMeanEncoder()
    private let trace: PreparationTrace
    private let depth: Int
    private let total: Int

    init(trace: PreparationTrace, depth: Int, total: Int) {
        (self.trace, self.depth, self.total) = (trace, depth, total)
    }

    var fingerprint: String { means.fingerprint }

    func encode(frames: FrameBuffer) throws -> FloatBuffer {
        let wanted = min(total, means.encodedWindows + 1 + depth)
        let end = ContinuousClock.now + .seconds(60)
        while trace.spans.count(where: { $0.stage == .decodingSound }) < wanted {
            guard ContinuousClock.now < end else { throw DecodingStopped() }
            Thread.sleep(forTimeInterval: 0.001)
        }
        return try means.encode(frames: frames)
    }

    func encode(sound: Waveform, latentCount: Int) throws -> FloatBuffer {
        try means.encode(sound: sound, latentCount: latentCount)
    }
}
