import LTXModel

/// Seconds of a training step, from steps of one and of two blocks on the step's own device: all further blocks take
/// what the second one adds.
public struct StepTimeProbe: Sendable {
    /// Seconds of the whole model's step.
    public let seconds: Double

    /// Measures `steps` steps of each, in turns; what lies in the middle counts: a run meets the same
    /// slow moments.
    public init(_ shape: StepShape, steps: Int) throws {
        let count = shape.config.blockCount
        let parts = [1, min(2, count)].map { blocks in
            var part = shape
            part.config.blockCount = blocks
            return part
        }
        let figures = try StepBenchmark(parts).run(steps: steps, warmups: 2)
        let added = figures[1].difference(to: figures[0])
        seconds = figures[0].median + Double(count - 1) * max(0, added)
    }
}
