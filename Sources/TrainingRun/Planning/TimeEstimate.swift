import Adapters
import ClipCache
import ClipData
import Foundation
import LTXModel
import Measurement
import RunConfig
import Torch
import Training

/// How long a run takes, from the number of its multiplications and the speed of this device.
///
/// Where that takes no longer than a minute, steps of one and of two blocks are measured on the device, with drawn
/// weights, and the difference stands for all further blocks. Else only matrix products are counted, as if all
/// of them ran as fast as a large one: real steps are slower by what reading, norms and waiting take, on GPUs by a
/// quarter to a half as a rule. Encoding clips and captions, samples and saving come on top.
public struct TimeEstimate: Codable, Sendable, Equatable {
    /// Floating-point operations of an average step.
    public var flopsPerStep: Double
    /// Measured floating-point operations per second.
    public var flopsPerSecond: Double
    /// Steps still to do.
    public var steps: Int
    /// Seconds of one step.
    public var secondsPerStep: Double
    /// Seconds of all steps.
    public var seconds: Double
    /// Whether steps were measured, not only counted.
    public var isMeasured: Bool

    init(flopsPerStep: Double, flopsPerSecond: Double, steps: Int, measured: Double? = nil) {
        self.flopsPerStep = flopsPerStep
        self.flopsPerSecond = flopsPerSecond
        self.steps = steps
        secondsPerStep = measured ?? flopsPerStep / max(flopsPerSecond, 1)
        isMeasured = measured != nil
        seconds = secondsPerStep * Double(steps)
    }

    /// Measures the device; a minute at most.
    init(_ plan: RunPlan, _ config: TransformerConfiguration) throws {
        let tokens = plan.largestTokens
        let speed = try DeviceSpeed.flopsPerSecond(
            plan.device,
            plan.dtype,
            rows: min(max(tokens.video, tokens.audio, 64), 4096),
            width: config.video.width
        )
        let mean = Self.step(of: plan, config)
        self.init(
            flopsPerStep: mean,
            flopsPerSecond: speed,
            steps: plan.file.train.steps - (plan.resumed?.step ?? 0),
            measured: try Self.measured(plan, mean, speed)
        )
    }

    /// Seconds of an average step, from steps of one and of two blocks; nil where these would take too long.
    private static func measured(
        _ plan: RunPlan,
        _ mean: Double,
        _ speed: Double
    ) throws -> Double? {
        // A whole transformer's step is another one than that of adapters, which is what can be measured.
        guard !plan.trainsWeights, let shape = plan.largestStep else { return nil }
        let blocks = shape.config.blockCount
        let largest =
            work(of: plan, shape.config).flops(
                video: shape.videoCount,
                audio: shape.audioCount
            ) * Double(shape.batchSize)
        // Three blocks in all, three times each; a small one never reaches the device's speed.
        let expected = 9 * largest / Double(blocks) / speed
        guard expected < limit else { return nil }
        let probe = try StepTimeProbe(shape, steps: expected < 1 ? 15 : 3)
        return probe.seconds * mean / max(largest, 1)
    }

    private static let limit = 20.0

    private static func work(of plan: RunPlan, _ config: TransformerConfiguration) -> StepWork {
        let recipe = plan.recipe
        var work = StepWork(
            config: config,
            rank: { !plan.trainsWeights && plan.rules.accept($0) ? recipe.rank(of: $0) : 0 },
            recomputed: plan.file.train.gradientCheckpointing.share
        )
        work.learns = plan.trainsWeight
        return work
    }

    /// The mean over the items as often as they come, in batches, with passes for preserved prompts.
    private static func step(of plan: RunPlan, _ config: TransformerConfiguration) -> Double {
        let train = plan.file.train
        let work = work(of: plan, config)
        var (sum, count) = (0.0, 0.0)
        for item in plan.clips.items {
            let repeats = Double(plan.clips.datasets[item.dataset].repeats)
            let audio = plan.hasSound ? item.audio?.latentCount ?? 0 : 0
            let video = item.latentShape.dropFirst().reduce(1, *)
            sum += repeats * work.flops(video: video, audio: audio)
            count += repeats
        }
        // The preserved prompt goes through the frozen model, then through the adapters as any other.
        let keeps = train.diffOutputPreservation || train.blankPromptPreservation
        let passes = keeps ? 2.0 + 1 / (2 + train.gradientCheckpointing.share) : 1
        return sum / max(count, 1) * passes * Double(train.batchSize * train.gradientAccumulation)
    }
}

extension TimeEstimate: CustomStringConvertible {
    /// `0.42 s a step, 14 min for 2000 steps`, and how it was found.
    public var description: String {
        let source =
            isMeasured
            ? "measured with one and two blocks on this device"
            : String(format: "counted, at the %.3g TFLOP/s of this device", flopsPerSecond / 1e12)
        let each = String(format: secondsPerStep < 0.1 ? "%.4f" : "%.2f", secondsPerStep)
        return "\(each) s a step, \(seconds.inTime) for \(steps) steps; \(source)"
    }
}

extension Double {
    /// Seconds as `38 s`, `14 min` or `3.4 h`.
    public var inTime: String {
        if self < 120 { return "\(Int(rounded(.up))) s" }
        return self < 7200
            ? "\(Int((self / 60).rounded())) min" : String(format: "%.1f h", self / 3600)
    }
}
