import Adapters
import LTXModel
import Torch
import Training

// Symbols: N blocks, T tokens of a clip, H heads.

/// Bytes that a training step needs beside what stays: activations, gradients, workspace; measured, not guessed.
///
/// Two blocks of the model's own widths are run with drawn weights on the CPU, where tensors are counted byte by
/// byte: the first has no gradient of its input, so that one would not tell of the others. Where that would take too long, smaller ones are: memory grows evenly with tokens and heads, since no
/// operation makes a matrix of tokens by tokens, so two sizes of each tell the rest. What a further block adds is
/// known: its input, or its record where it is not computed again, and the gradients of its adapters.
public struct ActivationProbe: Sendable {
    /// Bytes of the whole model's step.
    public let bytes: Int
    /// Bytes of all gradients, which are among them.
    public let gradientBytes: Int

    /// Operations of a block above which smaller blocks are measured, for less than a second in all.
    private static let limit = 3e9

    /// Measures for a step of a shape.
    public init(_ shape: StepShape) throws {
        let count = shape.config.blockCount
        var one = shape
        one.device = .cpu
        one.offloadedShare = 0
        let both = min(count, 2)
        var again = Checkpointing.all
        again.keepsResults = shape.checkpointing.keepsResults
        let base = try Self.measured(one, blocks: both, again)
        let gradient = Self.gradientBytes(one)
        gradientBytes = gradient * count
        // The last block keeps its record in any case, and one more is among the two that are measured.
        let twice = (0..<max(0, count - 1)).filter(shape.checkpointing.recomputes).count
        let kept = count - 1 - twice
        let further =
            max(0, count - both - kept) * (Self.inputBytes(shape) + Self.replayBytes(shape))
        let record = kept > 0 ? try Self.record(one) : 0
        bytes = base + max(further + kept * record, (count - both) * gradient)
    }

    /// What a block keeps that is not computed again.
    private static func record(_ shape: StepShape) throws -> Int {
        try measured(shape, blocks: 3, .none) - measured(shape, blocks: 2, .none)
    }

    /// Of one block, 4 bytes a value; told from one small model, as all blocks are alike.
    private static func gradientBytes(_ shape: StepShape) -> Int {
        let layers = shape.config.blockLinearShapes.prefix {
            $0.path.hasPrefix("transformer_blocks.0.")
        }
        return layers.filter { shape.rules.accept($0.path) }.reduce(0) {
            $0 + 4 * shape.recipe.valueCount($1.path, input: $1.input, output: $1.output)
        }
    }

    /// Of one block: the tokens of both streams.
    private static func inputBytes(_ shape: StepShape) -> Int {
        let (video, audio) = (shape.config.video.width, shape.config.audio.width)
        return shape.batchSize * shape.dtype.byteWidth
            * (shape.videoCount * video + shape.audioCount * audio)
    }

    /// Of one block that runs twice: the results of its parts, if they are kept.
    private static func replayBytes(_ shape: StepShape) -> Int {
        guard shape.checkpointing.keepsResults else { return 0 }
        return shape.batchSize
            * BlockReplay.bytes(
                shape.config,
                video: shape.videoCount,
                audio: shape.audioCount,
                width: shape.dtype.byteWidth
            )
    }

    /// Bytes beside what stays of a model with so many blocks.
    private static func measured(
        _ shape: StepShape,
        blocks: Int,
        _ checkpointing: Checkpointing
    ) throws -> Int {
        var whole = shape
        whole.config.blockCount = blocks
        whole.checkpointing = checkpointing
        let width = Double(shape.config.video.width)
        let work = 100 * Double(shape.videoCount + shape.audioCount) * width * width
        guard work * Double(shape.batchSize) > limit else { return try peak(whole) }
        let heads = (2, 4)
        let parts = (Self.part(shape, of: 192), Self.part(shape, of: 384))
        func small(_ heads: Int, _ part: Double) throws -> Double {
            Double(try peak(scaled(whole, heads: heads, part: part)))
        }
        let found = try [
            [small(heads.0, parts.0), small(heads.0, parts.1)],
            [small(heads.1, parts.0), small(heads.1, parts.1)],
        ].map { Line(parts.0, $0[0], parts.1, $0[1]).at(1) }
        let line = Line(Double(heads.0), found[0], Double(heads.1), found[1])
        return Int(line.at(Double(shape.config.video.heads)).rounded())
    }

    private static func part(_ shape: StepShape, of tokens: Int) -> Double {
        min(1, Double(tokens) / Double(max(shape.videoCount, 1)))
    }

    /// The same step with other heads and a part of the tokens.
    private static func scaled(_ shape: StepShape, heads: Int, part: Double) -> StepShape {
        func some(_ count: Int) -> Int {
            count == 0 ? 0 : max(1, Int((Double(count) * part).rounded()))
        }
        var small = shape
        let narrow = Double(heads) / Double(shape.config.video.heads)
        small.config.video.heads = heads
        small.config.audio.heads = max(
            1,
            Int((Double(shape.config.audio.heads) * narrow).rounded())
        )
        small.grid = (1, 1, some(shape.videoCount))
        small.audioCount = some(shape.audioCount)
        small.textCount = some(shape.textCount)
        return small
    }

    private static func peak(_ shape: StepShape) throws -> Int {
        let scene = try StepScene(shape)
        let before = Device.cpu.usedMemory
        // The first step also makes what later ones find, such as tables of positions.
        try scene.run()
        Device.cpu.resetPeakMemory()
        try scene.run()
        return Device.cpu.peakMemory - before
    }
}

/// A straight line through two points.
private struct Line {
    private let start: (Double, Double)
    private let slope: Double

    init(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) {
        start = (x0, y0)
        slope = x1 == x0 ? 0 : (y1 - y0) / (x1 - x0)
    }

    func at(_ x: Double) -> Double { start.1 + slope * (x - start.0) }
}
