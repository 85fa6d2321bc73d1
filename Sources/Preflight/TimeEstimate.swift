import Adapters
import ClipCache
import ClipData
import LTXModel
import RunConfig
import Torch
import TrainingRun

/// How long a run takes, from the number of its multiplications and the speed of this device.
///
/// It counts matrix products only and believes that all of them run as fast as a large one. Real steps are
/// slower by what reading, norms and waiting take: on GPUs by a quarter to a half as a rule, and many times on
/// tiny models. Encoding clips and captions, samples and saving come on top.
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

    init(flopsPerStep: Double, flopsPerSecond: Double, steps: Int) {
        self.flopsPerStep = flopsPerStep
        self.flopsPerSecond = flopsPerSecond
        self.steps = steps
        secondsPerStep = flopsPerStep / max(flopsPerSecond, 1)
        seconds = secondsPerStep * Double(steps)
    }

    /// Measures the device with products of the model's own size; some seconds at most.
    init(_ plan: RunPlan, _ config: TransformerConfiguration) throws {
        let tokens = plan.largestTokens
        self.init(
            flopsPerStep: Self.step(of: plan, config),
            flopsPerSecond: try DeviceSpeed.flopsPerSecond(
                plan.device,
                plan.dtype,
                rows: min(max(tokens.video, tokens.audio, 64), 4096),
                width: config.video.width
            ),
            steps: plan.file.train.steps - (plan.resumed?.step ?? 0)
        )
    }

    /// The mean over the items as often as they come, in batches, with passes for preserved prompts.
    private static func step(of plan: RunPlan, _ config: TransformerConfiguration) -> Double {
        let train = plan.file.train
        var work = StepWork(
            config: config,
            rank: { path in
                guard !plan.trainsWeights, plan.rules.accept(path) else { return 0 }
                let network = plan.network
                return Pathway(path).writesAudio
                    ? network.audioLinear ?? network.linear : network.linear
            },
            recomputed: train.gradientCheckpointing.share
        )
        work.learns = plan.trainsWeight
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
